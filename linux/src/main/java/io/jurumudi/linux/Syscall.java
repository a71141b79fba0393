package io.jurumudi.linux;

/** Numbers of the system calls in use, for x86-64 and aarch64 (asm/unistd.h of each). */
enum Syscall {
  READ(0, 63),
  WRITE(1, 64),
  CLOSE(3, 57),
  IOCTL(16, 29),
  SOCKET(41, 198),
  CONNECT(42, 203),
  ACCEPT(43, 202),
  SENDTO(44, 206),
  RECVFROM(45, 207),
  RECVMSG(47, 212),
  SHUTDOWN(48, 210),
  BIND(49, 200),
  LISTEN(50, 201),
  SETSOCKOPT(54, 208),
  KILL(62, 129),
  FCNTL(72, 25),
  FLOCK(73, 32),
  CHDIR(80, 49),
  STATFS(137, 43),
  PRCTL(157, 167),
  MOUNT(165, 40),
  UMOUNT2(166, 39),
  SETHOSTNAME(170, 161),
  GETTID(186, 178),
  LSETXATTR(189, 6),
  LGETXATTR(192, 9),
  LLISTXATTR(195, 12),
  LREMOVEXATTR(198, 15),
  EPOLL_CTL(233, 21),
  WAITID(247, 95),
  OPENAT(257, 56),
  MKNODAT(259, 33),
  FCHOWNAT(260, 54),
  FCHMODAT(268, 53),
  UNSHARE(272, 97),
  UTIMENSAT(280, 88),
  EPOLL_PWAIT(281, 22),
  EVENTFD2(290, 19),
  EPOLL_CREATE1(291, 20),
  PIPE2(293, 59),
  PRLIMIT64(302, 261),
  SYNCFS(306, 267),
  SETNS(308, 268),
  RENAMEAT2(316, 276),
  PIDFD_SEND_SIGNAL(424, 424),
  OPEN_TREE(428, 428),
  MOVE_MOUNT(429, 429),
  FSOPEN(430, 430),
  FSCONFIG(431, 431),
  FSMOUNT(432, 432),
  PIDFD_OPEN(434, 434),
  MOUNT_SETATTR(442, 442);

  private final int number;

  Syscall(int x86, int arm) {
    this.number = isArm() ? arm : x86;
  }

  int number() {
    return number;
  }

  static boolean isArm() {
    // Enum constants are made before the enum's own statics, so this does not use the field.
    return "aarch64".equals(System.getProperty("os.arch"));
  }

  /** Size of struct epoll_event: packed on x86-64 only. */
  static int epollEventSize() {
    return isArm() ? 16 : 12;
  }

  static int epollDataOffset() {
    return isArm() ? 8 : 4;
  }
}
