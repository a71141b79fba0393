package io.jurumudi.machinery.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jurumudi.api.core.v1.Pod;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A pod of about 1.2 KB read and written in both formats. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {
  private static final String POD =
      """
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-6f7d5c9b8-x2v4p","namespace":"default",
      "uid":"8b9a1c1e-5d1c-4a8e-9f0b-2f6f3c1d7e11","labels":{"app":"web","pod-template-hash":"6f7d5c9b8"},
      "annotations":{"example.com/text":"some words that a tool left here"}},
      "spec":{"containers":[{"name":"main","image":"registry.example/team/application:1.2.3",
      "args":["--port=8080","--verbose"],"ports":[{"containerPort":8080,"protocol":"TCP"}],
      "env":[{"name":"MODE","value":"production"},{"name":"REGION","value":"north"}],
      "resources":{"requests":{"cpu":"100m","memory":"64Mi"}},
      "readinessProbe":{"httpGet":{"path":"/ready","port":8080,"scheme":"HTTP"},"periodSeconds":10},
      "terminationMessagePath":"/dev/termination-log","imagePullPolicy":"IfNotPresent"}],
      "restartPolicy":"Always","dnsPolicy":"ClusterFirst","nodeName":"node-1","schedulerName":"default-scheduler"},
      "status":{"phase":"Running","hostIP":"10.0.0.1","podIP":"10.42.0.7",
      "conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}
      """;

  private final byte[] json = POD.getBytes(UTF_8);
  private final Pod pod = Json.read(Pod.SCHEMA, json, Decoding.STRICT).object();
  private final byte[] proto = Proto.write(pod);

  @Benchmark
  public Pod readJson() {
    return Json.read(Pod.SCHEMA, json, Decoding.STRICT).object();
  }

  @Benchmark
  public byte[] writeJson() {
    return Json.write(pod);
  }

  @Benchmark
  public Pod readProtobuf() {
    return Proto.read(Pod.SCHEMA, proto).object();
  }

  @Benchmark
  public byte[] writeProtobuf() {
    return Proto.write(pod);
  }
}
