package io.jurumudi.machinery.patch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.codec.Yaml;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PatchTest {
  private static Map<String, @Nullable Object> tree(String yaml) {
    return Trees.map(Yaml.toTree(yaml.getBytes(UTF_8)));
  }

  /** The examples of RFC 7386, appendix A, whose target is an object and whose patch is one. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":\"b\"}|{\"a\":\"c\"}|{\"a\":\"c\"}",
        "{\"a\":\"b\"}|{\"b\":\"c\"}|{\"a\":\"b\",\"b\":\"c\"}",
        "{\"a\":\"b\"}|{\"a\":null}|{}",
        "{\"a\":[\"b\"]}|{\"a\":\"c\"}|{\"a\":\"c\"}",
        "{\"a\":{\"b\":\"c\"}}|{\"a\":{\"b\":\"d\",\"c\":null}}|{\"a\":{\"b\":\"d\"}}",
        "{\"a\":[{\"b\":\"c\"}]}|{\"a\":[1]}|{\"a\":[1]}",
        "{\"e\":null}|{\"a\":1}|{\"a\":1,\"e\":null}",
        "{}|{\"a\":{\"bb\":{\"ccc\":null}}}|{\"a\":{\"bb\":{}}}",
      })
  void mergePatch(String target, String patch, String result) {
    assertThat(Trees.toJson(MergePatch.apply(tree(target), patch.getBytes(UTF_8))))
        .isEqualTo(result);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":1}|[{\"op\":\"add\",\"path\":\"/b\",\"value\":2}]|{\"a\":1,\"b\":2}",
        "{\"a\":[1,3]}|[{\"op\":\"add\",\"path\":\"/a/1\",\"value\":2}]|{\"a\":[1,2,3]}",
        "{\"a\":[1]}|[{\"op\":\"add\",\"path\":\"/a/-\",\"value\":2}]|{\"a\":[1,2]}",
        "{\"a\":[1,2]}|[{\"op\":\"remove\",\"path\":\"/a/-1\"}]|{\"a\":[1]}",
        "{\"a/b\":{\"~\":1}}|[{\"op\":\"replace\",\"path\":\"/a~1b/~0\",\"value\":2}]"
            + "|{\"a/b\":{\"~\":2}}",
        "{\"a\":1}|[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/b\"}]|{\"b\":1}",
        "{\"a\":{\"x\":1}}|[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"},"
            + "{\"op\":\"replace\",\"path\":\"/b/x\",\"value\":2}]"
            + "|{\"a\":{\"x\":1},\"b\":{\"x\":2}}",
        "{\"a\":1}|[{\"op\":\"test\",\"path\":\"/a\",\"value\":1}]|{\"a\":1}",
      })
  void jsonPatch(String target, String patch, String result) {
    Map<String, @Nullable Object> tree = tree(target);
    assertThat(Trees.toJson(JsonPatch.apply(tree, patch.getBytes(UTF_8)))).isEqualTo(result);
    assertThat(Trees.toJson(tree)).isEqualTo(target);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|BAD_PATCH",
        "[{\"op\":\"remove\",\"path\":\"/none\"}]|DOES_NOT_APPLY",
        "[{\"op\":\"test\",\"path\":\"/a\",\"value\":2}]|DOES_NOT_APPLY",
        "[{\"op\":\"add\",\"path\":\"/x/y\",\"value\":2}]|DOES_NOT_APPLY",
        "[{\"op\":\"what\",\"path\":\"/a\"}]|DOES_NOT_APPLY",
      })
  void jsonPatchRefuses(String patch, PatchException.Reason reason) {
    assertThatThrownBy(() -> JsonPatch.apply(tree("a: 1"), patch.getBytes(UTF_8)))
        .isInstanceOfSatisfying(
            PatchException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
