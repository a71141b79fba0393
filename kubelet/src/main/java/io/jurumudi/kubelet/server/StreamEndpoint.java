package io.jurumudi.kubelet.server;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.cri.ExecIo;
import io.jurumudi.cri.ExecResult;
import io.jurumudi.cri.PodSandboxStatus;
import io.jurumudi.cri.RuntimeService;
import io.jurumudi.cri.TerminalSize;
import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.http.streaming.Exit;
import io.jurumudi.http.streaming.PortForward;
import io.jurumudi.http.streaming.RemoteCommand;
import io.jurumudi.http.streaming.RemoteOptions;
import io.jurumudi.http.streaming.RemoteStreams;
import io.jurumudi.kubelet.pod.ContainerRun;
import io.jurumudi.kubelet.pod.Containers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** exec, attach, port-forward and run. All block until the stream has ended. */
record StreamEndpoint(PodLookup lookup, RuntimeService runtime) {
  void exec(HttpExchange exchange, Pod pod, String container)
      throws PodLookup.Missing, IOException {
    Query query = Query.parse(exchange.rawQuery());
    ContainerRun run = lookup.running(pod, container);
    List<String> command = query.all("command");
    RemoteOptions options = options(query);
    RemoteCommand.serve(
        exchange,
        options,
        streams -> Exit.ofCode(runtime.exec(run.id(), command, options.tty(), io(streams))));
  }

  void attach(HttpExchange exchange, Pod pod, String container)
      throws PodLookup.Missing, IOException {
    Query query = Query.parse(exchange.rawQuery());
    ContainerRun run = lookup.running(pod, container);
    Container spec =
        Containers.find(pod, run.name())
            .orElseThrow(() -> new PodLookup.Missing(404, "container not found"));
    RemoteOptions asked = options(query);
    RemoteOptions options =
        new RemoteOptions(
            asked.stdin() && spec.stdin(), asked.stdout(), asked.stderr(), spec.tty());
    RemoteCommand.serve(
        exchange,
        options,
        streams -> {
          runtime.attach(run.id(), options.tty(), io(streams));
          return Exit.SUCCESS;
        });
  }

  /** Upstream's query names, which differ from those of the API server. */
  private static RemoteOptions options(Query query) {
    return new RemoteOptions(
        query.is("input") || query.is("stdin"),
        query.is("output") || query.is("stdout"),
        query.is("error") || query.is("stderr"),
        query.is("tty"));
  }

  private static ExecIo io(RemoteStreams streams) {
    return new ExecIo(
        streams.stdin(),
        streams.stdout(),
        streams.stderr(),
        listener ->
            streams
                .resizes()
                .accept(size -> listener.accept(new TerminalSize(size.width(), size.height()))));
  }

  void portForward(HttpExchange exchange, Pod pod) throws PodLookup.Missing, IOException {
    PodSandboxStatus sandbox =
        lookup
            .runtime(pod)
            .readySandbox()
            .orElseThrow(() -> new PodLookup.Missing(404, "the pod is not running"));
    List<Integer> ports;
    try {
      ports = PortForward.ports(Query.parse(exchange.rawQuery()).all("port"));
    } catch (IllegalArgumentException e) {
      exchange.respondText(400, String.valueOf(e.getMessage()));
      return;
    }
    PortForward.serve(
        exchange, ports, (port, in, out) -> runtime.portForward(sandbox.id(), port, in, out));
  }

  /** POST /run: a command's output as the answer. */
  void run(HttpExchange exchange, Pod pod, String container) throws PodLookup.Missing, IOException {
    ContainerRun run = lookup.running(pod, container);
    String command = Query.parse(exchange.rawQuery()).first("cmd").orElse("");
    ExecResult result =
        runtime.execSync(run.id(), List.of(command.split(" ")), Duration.ofMinutes(10));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(result.stdout());
    out.write(result.stderr());
    exchange.respond(
        result.exitCode() == 0 ? 200 : 500,
        Headers.of("Content-Type", "text/plain"),
        out.toByteArray());
  }
}
