package io.jurumudi.api.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.api.apps.v1.StatefulSet;
import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.core.v1.Event;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodList;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.api.meta.v1.Table;
import io.jurumudi.api.meta.v1.TableRow;
import io.jurumudi.api.util.RawJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** JSON as Go writes and reads it, in the places where the two languages differ. */
class GoJsonTest {
  private static String json(Message<?> message) {
    return new String(JsonObjectWriter.write(message), StandardCharsets.UTF_8);
  }

  private static JsonObjectReader.Result<Pod> pod(String json) {
    return JsonObjectReader.read(Pod.SCHEMA, json.getBytes(StandardCharsets.UTF_8), true);
  }

  @Test
  void structsAreWrittenEmptyAndNilSlicesNull() {
    assertThat(json(Pod.EMPTY))
        .isEqualTo(
            "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{},"
                + "\"spec\":{\"containers\":null},\"status\":{}}");
    assertThat(json(PodList.EMPTY))
        .isEqualTo("{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{},\"items\":[]}");
    assertThat(json(Status.EMPTY))
        .isEqualTo("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{}}");
    assertThat(json(DeleteOptions.EMPTY))
        .isEqualTo("{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\"}");
    assertThat(json(Event.EMPTY))
        .contains("\"source\":{},\"firstTimestamp\":null,\"lastTimestamp\":null")
        .contains("\"eventTime\":null,\"reportingComponent\":\"\"");
  }

  @Test
  void embeddedKindsKeepTheirNames() {
    StatefulSet set =
        StatefulSet.builder()
            .spec(s -> s.volumeClaimTemplates(List.of(PersistentVolumeClaim.EMPTY)))
            .build();
    assertThat(json(set)).contains("\"volumeClaimTemplates\":[{\"kind\":\"PersistentVolumeClaim\"");
  }

  @Test
  void textIsEscapedForHtml() {
    ConfigMap map =
        ConfigMap.builder().data(Map.of("k", "<a>&\"\\\b\f\n\r\t\u0001\u2028é\u007f")).build();
    assertThat(json(map))
        .contains("\"\\u003ca\\u003e\\u0026\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u2028é\u007f\"");
  }

  @Test
  void rawJsonIsCompactedAndEscaped() {
    RawJson raw = RawJson.of("{ \"a b\" : [ 1.0, \"<\\\" \" ] }");
    Table table =
        Table.builder().rows(List.of(TableRow.builder().cells(List.of(raw)).build())).build();
    assertThat(json(table))
        .contains("\"cells\":[{\"a b\":[1.0,\"\\u003c\\\" \"]}],\"object\":null");
  }

  @Test
  void timesAndBytes() {
    Secret secret =
        Secret.builder()
            .metadata(m -> m.creationTimestamp(Instant.parse("2026-01-02T03:04:05.678Z")))
            .data(
                Map.of(
                    "b",
                    io.jurumudi.api.util.Bytes.utf8("hi"),
                    "a",
                    io.jurumudi.api.util.Bytes.EMPTY))
            .build();
    assertThat(json(secret))
        .isEqualTo(
            "{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"metadata\":"
                + "{\"creationTimestamp\":\"2026-01-02T03:04:05Z\"},"
                + "\"data\":{\"a\":\"\",\"b\":\"aGk=\"}}");
    assertThat(
            pod("{\"metadata\":{\"creationTimestamp\":\"2026-01-02T05:04:05+02:00\"}}")
                .message()
                .metadata()
                .creationTimestamp())
        .isEqualTo(Instant.parse("2026-01-02T03:04:05Z"));
  }

  @Test
  void strictErrorsNameThePath() {
    var result =
        pod(
            """
            {"kind":"Pod","apiVersion":"v1","Kind":"x",
             "metadata":{"labels":{"a":"b","a":"c"}},
             "spec":{"foo":{"x":1},"containers":[{},{"name":"a","bar":1,"name":"b"}]}}""");
    assertThat(result.strictErrors())
        .containsExactly(
            "unknown field \"Kind\"",
            "duplicate field \"metadata.labels.a\"",
            "unknown field \"spec.foo\"",
            "unknown field \"spec.containers[1].bar\"",
            "duplicate field \"spec.containers[1].name\"");
    assertThat(result.kind()).isEqualTo("Pod");
    assertThat(result.apiVersion()).isEqualTo("v1");
    assertThat(result.message().spec().containers().get(1).name()).isEqualTo("b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'spec':{'containers':'x'}} | cannot unmarshal string into Go struct field"
            + " PodSpec.spec.containers of type []v1.Container",
        "{'spec':{'containers':[{'ports':[{'containerPort':'x'}]}]}} | cannot unmarshal string into"
            + " Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
        "{'spec':{'priority':1.5}} | cannot unmarshal number 1.5 into Go struct field"
            + " PodSpec.spec.priority of type int32",
        "{'spec':{'priority':4294967296}} | cannot unmarshal number 4294967296 into Go struct field"
            + " PodSpec.spec.priority of type int32",
        "{'spec':[]} | cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec",
        "{'metadata':{'labels':{'a':1}}} | cannot unmarshal number into Go struct field"
            + " ObjectMeta.metadata.labels of type string",
        "[] | cannot unmarshal array into Go value of type v1.Pod",
      })
  void wrongTypesAreToldAsGoTells(String json, String message) {
    assertThatThrownBy(() -> pod(json.replace('\'', '"')))
        .isInstanceOf(DecodeException.class)
        .hasMessage("json: " + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"{", "{} {}", "{\"a\":1,}", "nul", "''"})
  void whatIsNotJsonIsRefused(String json) {
    assertThatThrownBy(() -> pod(json)).isInstanceOf(DecodeException.class);
    assertThatThrownBy(() -> pod("{\"x\":" + "[".repeat(100_000)))
        .isInstanceOf(DecodeException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "1,1",
    "-1.5,-1.5",
    "0.1,0.1",
    "100000000000000000000,100000000000000000000",
    "1e21,1e+21",
    "1.5e-7,1.5e-7",
    "0.000001,0.000001",
    "123456789.125,123456789.125",
    "1e300,1e+300"
  })
  void numbersAreWrittenAsGoWritesThem(double number, String text) {
    assertThat(Scalars.number(number)).isEqualTo(text);
  }

  @Test
  void damagedProtobufIsRefused() {
    byte[] good = ProtoObjectWriter.write(new RandomMessages(7).next(Pod.SCHEMA));
    for (int length = 0; length < good.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(good, length);
      try {
        ProtoObjectReader.read(Pod.SCHEMA, cut);
      } catch (DecodeException e) {
        assertThat(e).hasMessageNotContaining("null");
      }
    }
  }
}
