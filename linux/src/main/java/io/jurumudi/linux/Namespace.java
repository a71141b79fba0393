package io.jurumudi.linux;

/** A kind of namespace (namespaces(7)). */
public enum Namespace {
  MOUNT("mnt", 0x00020000),
  UTS("uts", 0x04000000),
  IPC("ipc", 0x08000000),
  PID("pid", 0x20000000),
  NETWORK("net", 0x40000000),
  CGROUP("cgroup", 0x02000000);

  private final String file;
  private final int flag;

  Namespace(String file, int flag) {
    this.file = file;
    this.flag = flag;
  }

  /** Name of its file in /proc/PID/ns. */
  public String file() {
    return file;
  }

  int flag() {
    return flag;
  }
}
