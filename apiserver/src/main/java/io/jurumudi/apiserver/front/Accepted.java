package io.jurumudi.apiserver.front;

import io.jurumudi.http.Headers;
import io.jurumudi.machinery.codec.MediaTypes;
import io.jurumudi.machinery.errors.ApiException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a client accepts that this server can give.
 *
 * @param view the whole object, or what else was asked for by the parameter "as"
 * @param as that parameter; empty for the whole object
 * @param beta whether views are to be of meta.k8s.io/v1beta1
 */
record Accepted(Format format, View view, String as, boolean beta) {
  static final Accepted JSON = new Accepted(Format.JSON, View.OBJECT, "", false);

  private static final List<String> OFFERED =
      List.of(MediaTypes.JSON, MediaTypes.YAML, MediaTypes.PROTOBUF);

  /** What of an object is shown. */
  enum View {
    OBJECT,
    TABLE,
    METADATA
  }

  private record Range(String type, Map<String, String> parameters, double quality) {}

  /**
   * The first of the client's wishes that can be fulfilled.
   *
   * @param views whether the answer is of objects, which have other views
   * @throws ApiException notAcceptable
   */
  static Accepted of(Headers headers, boolean views) {
    return of(headers, views, true);
  }

  /**
   * The first of the client's wishes that can be fulfilled.
   *
   * @param protobuf whether whole objects can be had in protobuf
   */
  static Accepted of(Headers headers, boolean views, boolean protobuf) {
    List<String> elements = headers.elements("Accept");
    if (elements.isEmpty()) {
      return JSON;
    }
    List<Range> ranges = new ArrayList<>(elements.size());
    for (String element : elements) {
      ranges.add(range(element));
    }
    ranges.sort(Comparator.comparingDouble((Range r) -> -r.quality));
    boolean known = false;
    for (Range range : ranges) {
      Format format =
          switch (range.type) {
            case "application/json", "*/*" -> Format.JSON;
            case "application/yaml" -> Format.YAML;
            case MediaTypes.PROTOBUF -> Format.PROTOBUF;
            default -> null;
          };
      if (format == null || range.quality == 0) {
        continue;
      }
      known = true;
      String as = range.parameters.getOrDefault("as", "");
      if (as.isEmpty()) {
        if (format == Format.PROTOBUF && !protobuf) {
          continue;
        }
        return new Accepted(format, View.OBJECT, "", false);
      }
      boolean shown =
          views
              && range.parameters.getOrDefault("g", "").equals("meta.k8s.io")
              && List.of("v1", "v1beta1").contains(range.parameters.getOrDefault("v", ""));
      if (!shown) {
        continue;
      }
      boolean beta = range.parameters.getOrDefault("v", "").equals("v1beta1");
      switch (as) {
        case "Table" -> {
          if (format != Format.PROTOBUF) {
            return new Accepted(format, View.TABLE, as, beta);
          }
        }
        case "PartialObjectMetadata", "PartialObjectMetadataList" -> {
          return new Accepted(format, View.METADATA, as, beta);
        }
        default -> {}
      }
    }
    List<String> offered = protobuf ? OFFERED : OFFERED.subList(0, 2);
    throw known
        ? ApiException.notAcceptable(
            "only the following media types are accepted: " + String.join(", ", offered))
        : ApiException.notAcceptable(offered);
  }

  /**
   * @throws ApiException when a list is asked for as one object, or the other way round
   */
  void check(boolean list) {
    if (as.equals("PartialObjectMetadata") && list) {
      throw ApiException.notAcceptable(
          "you requested PartialObjectMetadata, but the requested object is a list");
    }
    if (as.equals("PartialObjectMetadataList") && !list) {
      throw ApiException.notAcceptable(
          "you requested PartialObjectMetadataList, but the requested object is not a list");
    }
  }

  private static Range range(String element) {
    String[] parts = element.split(";", -1);
    Map<String, String> parameters = new HashMap<>();
    double quality = 1;
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      if (equals > 0) {
        String name = parts[i].substring(0, equals).strip();
        String value = parts[i].substring(equals + 1).strip();
        if (name.equals("q")) {
          quality = quality(value);
        } else {
          parameters.put(name, value);
        }
      }
    }
    return new Range(parts[0].strip().toLowerCase(Locale.ROOT), parameters, quality);
  }

  private static double quality(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
