package io.jurumudi.apiserver.cel.library;

import java.util.ArrayList;
import java.util.List;

/** All of Kubernetes' functions. */
public final class Libraries {
  private Libraries() {}

  public static List<Function> all() {
    List<Function> all = new ArrayList<>();
    all.addAll(ListLibrary.functions());
    all.addAll(TextLibrary.functions());
    all.addAll(RegexLibrary.functions());
    all.addAll(UrlLibrary.functions());
    all.addAll(QuantityLibrary.functions());
    all.addAll(AddressLibrary.functions());
    all.addAll(FormatLibrary.functions());
    all.addAll(SemverLibrary.functions());
    all.addAll(AuthorizerLibrary.functions());
    return all;
  }
}
