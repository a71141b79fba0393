package io.jurumudi.apiserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.jurumudi.machinery.codec.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A webhook: an HTTPS server on loopback whose certificate is its own authority, for localhost and
 * for the service hook in the namespace hooks. Answers what a function makes of the review.
 */
final class HookServer implements AutoCloseable {
  private static final char[] PASSWORD = "none".toCharArray();

  private final HttpsServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Function<Map<String, @Nullable Object>, Map<String, ?>>> paths =
      new HashMap<>();

  /** The requests of all reviews so far. */
  final List<Map<String, @Nullable Object>> seen = new CopyOnWriteArrayList<>();

  /** Who asked: an address a connection. */
  final Set<InetSocketAddress> clients = ConcurrentHashMap.newKeySet();

  private final SSLContext tls;

  /** In base64, as a caBundle holds it. */
  final String authority;

  HookServer() throws IOException, GeneralSecurityException, OperatorCreationException {
    KeyPairGenerator keys = KeyPairGenerator.getInstance("EC");
    keys.initialize(256);
    KeyPair pair = keys.generateKeyPair();
    X509Certificate certificate = certificate(pair);
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("hook", pair.getPrivate(), PASSWORD, new X509Certificate[] {certificate});
    KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
    managers.init(store, PASSWORD);
    tls = SSLContext.getInstance("TLS");
    tls.init(managers.getKeyManagers(), null, null);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    server.setExecutor(executor);
    server.createContext("/", this::handle);
    server.start();
    String pem =
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(certificate.getEncoded())
            + "\n-----END CERTIFICATE-----\n";
    authority = Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
  }

  private static X509Certificate certificate(KeyPair pair)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    X500Name name = new X500Name("CN=hook");
    Instant now = Instant.now();
    var builder =
        new JcaX509v3CertificateBuilder(
            name,
            BigInteger.ONE,
            Date.from(now.minusSeconds(60)),
            Date.from(now.plusSeconds(3600)),
            name,
            pair.getPublic());
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(
            new GeneralName[] {
              new GeneralName(GeneralName.dNSName, "localhost"),
              new GeneralName(GeneralName.dNSName, "hook.hooks.svc")
            }));
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
  }

  /** From a request to the response of a review. */
  void at(String path, Function<Map<String, @Nullable Object>, Map<String, ?>> answer) {
    paths.put(path, answer);
  }

  /** Answers whatever is below a path. */
  void serve(String path, HttpHandler handler) {
    server.createContext(path, handler);
  }

  /**
   * A server that promises to keep connections, and ends each after its first answer, which allows.
   */
  ServerSocket fickle() throws IOException {
    ServerSocket listening =
        tls.getServerSocketFactory().createServerSocket(0, 0, InetAddress.getLoopbackAddress());
    executor.execute(
        () -> {
          while (!listening.isClosed()) {
            try (Socket socket = listening.accept()) {
              answerOnce(socket);
            } catch (IOException e) {
              // The next one, or none any more.
            }
          }
        });
    return listening;
  }

  private void answerOnce(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int c = in.read();
      if (c < 0) {
        return;
      }
      head.append((char) c);
    }
    String length = head.toString().replaceFirst("(?si).*\r\nContent-Length: (\\d+).*", "$1");
    Map<String, @Nullable Object> review =
        Trees.map(Trees.parseJson(in.readNBytes(Integer.parseInt(length))));
    Map<String, @Nullable Object> request = Trees.map(review.get("request"));
    seen.add(request);
    Map<String, @Nullable Object> answer = new HashMap<>(review);
    answer.put("response", Map.of("uid", String.valueOf(request.get("uid")), "allowed", true));
    byte[] json = Trees.writeJson(answer);
    OutputStream out = socket.getOutputStream();
    String answered = "HTTP/1.1 200 OK\r\nContent-Length: " + json.length + "\r\n\r\n";
    out.write(answered.getBytes(StandardCharsets.US_ASCII));
    out.write(json);
    out.flush();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** A clientConfig by URL. */
  String client(String path) {
    return "{'url':'https://localhost:" + port() + path + "','caBundle':'" + authority + "'}";
  }

  private void handle(HttpExchange exchange) throws IOException {
    Map<String, @Nullable Object> review =
        Trees.map(Trees.parseJson(exchange.getRequestBody().readAllBytes()));
    Map<String, @Nullable Object> request = Trees.map(review.get("request"));
    seen.add(request);
    clients.add(exchange.getRemoteAddress());
    Map<String, @Nullable Object> response =
        new HashMap<>(
            Objects.requireNonNull(paths.get(exchange.getRequestURI().getPath())).apply(request));
    response.put("uid", request.get("uid"));
    Map<String, @Nullable Object> answer = new HashMap<>(review);
    answer.remove("request");
    answer.put("response", response);
    byte[] json = Trees.writeJson(answer);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, json.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(json);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
