package io.jurumudi.network;

import io.jurumudi.linux.Linux;
import io.jurumudi.linux.Namespace;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Network namespaces for a test: a node, and as many pods as asked for. All gone on close. */
public final class TestNode implements AutoCloseable {
  private final Linux linux = new Linux();
  private final Path directory;
  private final List<Path> namespaces = new ArrayList<>();
  private final List<Closeable> servers = new ArrayList<>();
  private final Path node;

  public TestNode(Path directory) {
    this.directory = directory;
    node = namespace("node");
  }

  public Path namespace(String name) {
    Path file = directory.resolve("netns-" + name);
    linux.namespaces().createNetwork(file);
    namespaces.addFirst(file);
    return file;
  }

  public Linux linux() {
    return linux;
  }

  public Path node() {
    return node;
  }

  public <T> T in(Path namespace, Callable<T> body) {
    return linux.namespaces().inside(Namespace.NETWORK, namespace, body);
  }

  public <T> T onNode(Callable<T> body) {
    return in(node, body);
  }

  /** Answers each connection with {@code name} and the peer's address. */
  public void serve(Path namespace, int port, String name) {
    ServerSocket server = in(namespace, () -> new ServerSocket(port));
    servers.add(server);
    Thread.ofVirtual()
        .start(
            () -> {
              while (!server.isClosed()) {
                try (Socket s = server.accept()) {
                  String peer = ((InetSocketAddress) s.getRemoteSocketAddress()).getHostString();
                  s.getOutputStream().write((name + " " + peer).getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                  return;
                }
              }
            });
  }

  /** Answers each datagram with {@code name}. */
  public void serveDatagrams(Path namespace, int port, String name) {
    DatagramSocket server = in(namespace, () -> new DatagramSocket(port));
    servers.add(server);
    byte[] answer = name.getBytes(StandardCharsets.UTF_8);
    Thread.ofVirtual()
        .start(
            () -> {
              while (!server.isClosed()) {
                try {
                  DatagramPacket p = new DatagramPacket(new byte[1500], 1500);
                  server.receive(p);
                  server.send(new DatagramPacket(answer, answer.length, p.getSocketAddress()));
                } catch (IOException e) {
                  return;
                }
              }
            });
  }

  /** Connects and reads to the end; the exception's message when that fails. */
  public String ask(Path from, String address, int port) {
    return in(
        from,
        () -> {
          try (Socket s = new Socket()) {
            s.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), 2000);
            s.setSoTimeout(2000);
            return new String(s.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            return String.valueOf(e.getMessage());
          }
        });
  }

  @Override
  public void close() throws IOException {
    for (Closeable s : servers) {
      s.close();
    }
    namespaces.forEach(linux.namespaces()::remove);
  }
}
