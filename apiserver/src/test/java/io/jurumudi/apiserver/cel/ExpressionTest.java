package io.jurumudi.apiserver.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.apiserver.authorization.Decision;
import io.jurumudi.apiserver.cel.library.AuthorizerLibrary;
import io.jurumudi.machinery.codec.Trees;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ExpressionTest {
  private static final ValueType SPEC =
      new ValueType.Struct(
          "Self.spec",
          Map.of(
              "replicas", ValueType.Scalar.INT,
              "namespace", ValueType.Scalar.STRING,
              "a-b", ValueType.Scalar.STRING,
              "when", ValueType.Scalar.TIMESTAMP,
              "ratio", ValueType.Scalar.DOUBLE,
              "names", ValueType.listOf(ValueType.Scalar.STRING)));
  private static final Environment ENVIRONMENT =
      Environment.builder()
          .variable("object", ValueType.Scalar.DYN)
          .variable("self", new ValueType.Struct("Self", Map.of("spec", SPEC)))
          .variable("authorizer", new ValueType.Opaque("kubernetes.authorization.Authorizer"))
          .build();

  private static Map<String, @Nullable Object> values() {
    Object tree =
        Trees.parseJson(
            """
            {"spec": {"replicas": 3, "namespace": "here", "a-b": "dash", "ratio": 2, "none": null,
              "when": "2024-01-02T03:04:05Z", "names": ["a", "b"]},
             "metadata": {"labels": {"app.kubernetes.io/name": "x"}}}
            """
                .getBytes(StandardCharsets.UTF_8));
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("object", tree);
    values.put("self", tree);
    values.put(
        "authorizer",
        new AuthorizerLibrary.Asker(
            new UserInfo("me"),
            wish ->
                wish.verb().equals("get") && wish.resource().equals("pods")
                    ? Decision.allow("because")
                    : Decision.noOpinion("")));
    return values;
  }

  private static @Nullable Object evaluate(String source)
      throws CompilationException, EvaluationException {
    return ENVIRONMENT.compile(source).evaluate(values(), new Budget(Budget.PER_REQUEST));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "object.spec.replicas == 3 && self.spec.replicas > 2.5",
        "self.spec.__namespace__ == 'here' && object.spec.namespace == 'here'",
        "self.spec.a__dash__b == 'dash' && object.spec.a__dash__b == 'dash'",
        "object.spec.none == null && has(object.spec.none)",
        "!has(object.spec.gone) && object.?spec.?gone.orValue(1) == 1",
        "self.spec.when < timestamp('2025-01-01T00:00:00Z')",
        "self.spec.ratio == 2.0 && self.spec.ratio / 4.0 == 0.5",
        "object.metadata.labels['app.kubernetes.io/name'] == 'x'",
        "self.spec.names.all(n, n.size() == 1) && self.spec.names.isSorted()",
        "[3, 1, 2].sum() == 6 && [3, 1, 2].min() == 1 && ['a', 'b'].indexOf('b') == 1",
        "'abc 12 d3'.find('[0-9]+') == '12' && 'a1b2'.findAll('[0-9]') == ['1', '2']",
        "url('https://a.b:80/p?q=1').getHost() == 'a.b:80' && !isURL('::')",
        "url('https://a.b:80/p?q=1').getQuery()['q'] == ['1']",
        "quantity('1.5Gi').isGreaterThan(quantity('1G')) && quantity('2').add(1).asInteger() == 3",
        "ip('::1').isLoopback() && string(ip('0:0::1')) == '::1' && ip('10.0.0.1').family() == 4",
        "cidr('10.1.0.0/16').containsIP('10.1.2.3') && cidr('10.1.2.3/16').masked() =="
            + " cidr('10.1.0.0/16')",
        "semver('1.2.3-rc.1').isLessThan(semver('1.2.3')) && isSemver('v1.2', true)",
        "format.dns1123Label().validate('no_way').hasValue() && !format.named('nope').hasValue()",
        "authorizer.group('').resource('pods').namespace('x').check('get').allowed()",
        "!authorizer.serviceAccount('a', 'b').path('/x').check('get').allowed()",
        "'%d of %s'.format([1, 'x']) == '1 of x' && sets.contains([1, 2], [2])",
        "{'a': 1}.transformMap(k, v, v + 1) == {'a': 2}",
      })
  void isTrue(String source) throws Exception {
    assertThat(evaluate(source)).isEqualTo(true);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "self.spec.replicas > 'a' | found no matching overload for '_>_' applied to '(int,"
            + " string)'\n",
        "self.spec.maxReplicas > 1 | undefined field 'maxReplicas'",
        "nobody == 1 | undeclared reference to 'nobody' (in container '')",
        "1 + | Syntax error: mismatched input '<EOF>'",
        "self.spec | must evaluate to bool",
      })
  void doesNotCompile(String source, String why) {
    assertThatThrownBy(() -> ENVIRONMENT.compileCondition(source))
        .isInstanceOf(CompilationException.class)
        .message()
        .contains(why.replaceFirst("^Syntax error: ", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "object.gone == 1 | no such key: gone",
        "object.spec.replicas + 'a' == 'b' | no such overload",
        "object.spec.replicas / 0 == 1 | division by zero",
        "quantity('x').sign() == 1 | quantities must match the regular expression",
      })
  void hasNoValue(String source, String why) {
    assertThatThrownBy(() -> evaluate(source))
        .isInstanceOf(EvaluationException.class)
        .message()
        .contains(why);
  }

  @Test
  void constructsObjectsAndGivesTreesBack() throws Exception {
    ValueType.Struct spec =
        new ValueType.Struct("Object.spec", Map.of("replicas", ValueType.Scalar.INT));
    Environment environment =
        Environment.builder()
            .variable("object", ValueType.Scalar.DYN)
            .type(new ValueType.Struct("Object", Map.of("spec", spec)))
            .build();
    Object tree =
        environment
            .compile("Object{spec: Object.spec{replicas: object.spec.replicas + 1}}")
            .evaluate(values(), new Budget(Budget.PER_REQUEST));
    assertThat(tree).isEqualTo(Map.of("spec", Map.of("replicas", 4L)));
    assertThat(evaluate("[object.spec.none, 'a']")).isEqualTo(Arrays.asList(null, "a"));
  }

  @Test
  void isBrokenOffWhenItCostsTooMuch() {
    Map<String, @Nullable Object> many = new HashMap<>();
    many.put("object", Collections.nCopies(3000, 1L));
    assertThatThrownBy(
            () ->
                ENVIRONMENT
                    .compile("object.all(a, object.all(b, a == b))")
                    .evaluate(many, new Budget(Budget.PER_REQUEST)))
        .isInstanceOfSatisfying(
            EvaluationException.class, e -> assertThat(e.overBudget()).isTrue());
  }
}
