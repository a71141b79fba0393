package io.jurumudi.apiserver.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ProxiedLinksTest {
  private static final String PROXY = "/api/v1/namespaces/default/pods/web/proxy";

  @Test
  void linksFromTheRootStayBehindTheProxy() {
    assertThat(ProxiedLinks.rewrite("<a href=\"/next\">next</a>", PROXY))
        .isEqualTo("<a href=\"" + PROXY + "/next\">next</a>");
    assertThat(ProxiedLinks.rewrite("<IMG alt='/a' src = '/b.png'>", PROXY))
        .isEqualTo("<IMG alt='/a' src = '" + PROXY + "/b.png'>");
  }

  @Test
  void allElseStaysAsItIs() {
    for (String html :
        new String[] {
          "<a href=\"next\">",
          "<a href=\"//other.example/next\">",
          "<a href=\"https://other.example/next\">",
          "<a href=\"" + PROXY + "/next\">",
          "<p title=\"/next\">",
          "text href=\"/next\" 1 < 2",
          "<a href=\"/unfinished",
        }) {
      assertThat(ProxiedLinks.rewrite(html, PROXY)).isEqualTo(html);
    }
  }
}
