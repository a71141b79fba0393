package io.jurumudi.network.dns;

import io.jurumudi.client.InformerFactory;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Message;

/**
 * Serves the cluster's names by UDP and TCP. Own names are answered on the receiving thread, for
 * they are only looked up in memory; a question for upstream gets a virtual thread. Sockets are
 * bound in the network namespace of the thread that starts it.
 */
public final class DnsServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DnsServer.class);
  private static final int MAX_QUERY = 4096;
  private static final int IDLE_MILLIS = 10_000;

  /** Further TCP connections are closed at once. */
  private static final int MOST_CONNECTIONS = 500;

  private static final int BIND_ATTEMPTS = 20;

  private final Responder responder;
  private final DatagramSocket udp;
  private final ServerSocket tcp;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

  private DnsServer(Responder responder, DatagramSocket udp, ServerSocket tcp) {
    this.responder = responder;
    this.udp = udp;
    this.tcp = tcp;
    Thread.ofVirtual().name("dns-udp").start(this::receive);
    Thread.ofVirtual().name("dns-tcp").start(this::accept);
  }

  /**
   * Binds and serves. Until the informers have read everything, names may be missing.
   *
   * @throws IOException when the address cannot be bound
   */
  public static DnsServer start(
      DnsServerConfig config, InformerFactory informers, InstantSource clock) throws IOException {
    Responder responder =
        new Responder(
            new ClusterZone(config.domain(), config.ttlSeconds(), informers),
            new Forwarder(config.upstream(), clock));
    for (int attempt = 1; ; attempt++) {
      DatagramSocket udp = new DatagramSocket(config.address());
      ServerSocket tcp = new ServerSocket();
      try {
        tcp.setReuseAddress(true);
        tcp.bind(new InetSocketAddress(config.address().getAddress(), udp.getLocalPort()));
        return new DnsServer(responder, udp, tcp);
      } catch (BindException e) {
        udp.close();
        tcp.close();
        if (config.address().getPort() != 0 || attempt == BIND_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) udp.getLocalSocketAddress();
  }

  private void receive() {
    byte[] buffer = new byte[MAX_QUERY];
    while (!udp.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        udp.receive(packet);
        Optional<Message> query = Responder.parse(Arrays.copyOf(buffer, packet.getLength()));
        if (query.isEmpty()) {
          continue;
        }
        InetSocketAddress from = (InetSocketAddress) packet.getSocketAddress();
        if (responder.isLocal(query.get())) {
          answer(query.get(), from);
        } else {
          Thread.ofVirtual().name("dns-forward").start(() -> answer(query.get(), from));
        }
      } catch (IOException | RuntimeException e) {
        if (!udp.isClosed()) {
          log.warn("msg=\"query not answered\" error=\"{}\"", e.toString());
        }
      }
    }
  }

  private void answer(Message query, InetSocketAddress to) {
    byte[] wire = responder.respond(query, false);
    try {
      udp.send(new DatagramPacket(wire, wire.length, to));
    } catch (IOException e) {
      if (!udp.isClosed()) {
        log.debug("msg=\"answer not sent\" to={} error=\"{}\"", to, e.toString());
      }
    }
  }

  private void accept() {
    while (!tcp.isClosed()) {
      try {
        Socket socket = tcp.accept();
        if (connections.size() >= MOST_CONNECTIONS) {
          socket.close();
          continue;
        }
        connections.add(socket);
        Thread.ofVirtual().name("dns-connection").start(() -> serve(socket));
      } catch (IOException e) {
        if (!tcp.isClosed()) {
          log.warn("msg=\"connection not accepted\" error=\"{}\"", e.toString());
        }
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setSoTimeout(IDLE_MILLIS);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      while (true) {
        byte[] wire = new byte[in.readUnsignedShort()];
        in.readFully(wire);
        Optional<Message> query = Responder.parse(wire);
        if (query.isEmpty()) {
          return;
        }
        byte[] answer = responder.respond(query.get(), true);
        byte[] framed = new byte[answer.length + 2];
        framed[0] = (byte) (answer.length >> 8);
        framed[1] = (byte) answer.length;
        System.arraycopy(answer, 0, framed, 2, answer.length);
        socket.getOutputStream().write(framed);
      }
    } catch (EOFException | SocketException | java.net.SocketTimeoutException e) {
      // The client is done, or has gone.
    } catch (IOException | RuntimeException e) {
      log.debug("msg=\"connection ended\" error=\"{}\"", e.toString());
    } finally {
      connections.remove(socket);
    }
  }

  @Override
  public void close() {
    udp.close();
    try {
      tcp.close();
      for (Socket s : connections) {
        s.close();
      }
    } catch (IOException e) {
      log.debug("msg=\"closing\" error=\"{}\"", e.toString());
    }
  }
}
