package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.meta.v1.CreateOptions;
import io.jurumudi.api.meta.v1.UpdateOptions;
import io.jurumudi.apiserver.request.Query;
import io.jurumudi.machinery.codec.Decoding;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import java.util.ArrayList;
import java.util.List;

/**
 * What a write's query says.
 *
 * @param fieldManager empty when the client names none
 * @param force take fields over from other managers; of apply patches only
 * @param forced whether the query speaks of force at all
 * @param applied the object's managedFields say already what this write means
 */
public record WriteOptions(
    boolean dryRun,
    String fieldManager,
    Decoding fieldValidation,
    boolean force,
    boolean forced,
    boolean applied) {
  /** What components of the server itself write with. */
  public static final WriteOptions INTERNAL =
      new WriteOptions(false, "", Decoding.IGNORE, false, false, false);

  /** In characters. */
  private static final int MAX_MANAGER = 128;

  /**
   * @param kind for the message: CreateOptions, UpdateOptions, PatchOptions
   */
  public static WriteOptions of(Query query, String kind) {
    List<FieldError> errors = new ArrayList<>();
    boolean dryRun = dryRun(query.all("dryRun"), errors);
    String manager = query.get("fieldManager");
    FieldPath managerPath = FieldPath.of("fieldManager");
    if (manager.length() > MAX_MANAGER) {
      errors.add(FieldError.tooLong(managerPath, MAX_MANAGER));
    }
    for (int i = 0; i < manager.length(); i++) {
      if (Character.isISOControl(manager.charAt(i))) {
        errors.add(
            FieldError.invalid(managerPath, manager, "should only contain printable characters"));
        break;
      }
    }
    String validation = query.get("fieldValidation");
    Decoding decoding =
        switch (validation) {
          case "", "Warn" -> Decoding.WARN;
          case "Ignore" -> Decoding.IGNORE;
          case "Strict" -> Decoding.STRICT;
          default -> {
            errors.add(
                FieldError.notSupported(
                    FieldPath.of("fieldValidation"),
                    validation,
                    List.of("", "Ignore", "Strict", "Warn")));
            yield Decoding.WARN;
          }
        };
    if (!errors.isEmpty()) {
      throw ApiException.invalid("meta.k8s.io", kind, "", errors);
    }
    return new WriteOptions(
        dryRun, manager, decoding, query.flag("force"), query.has("force"), false);
  }

  /** The same for a write whose object says already who owns its fields. */
  public WriteOptions asApplied() {
    return new WriteOptions(dryRun, fieldManager, fieldValidation, force, forced, true);
  }

  /** The same as a message. */
  public CreateOptions forCreate() {
    return CreateOptions.builder()
        .dryRun(dryRun ? List.of("All") : List.of())
        .fieldManager(fieldManager)
        .fieldValidation(validation())
        .build();
  }

  /** The same as a message. */
  public UpdateOptions forUpdate() {
    return UpdateOptions.builder()
        .dryRun(dryRun ? List.of("All") : List.of())
        .fieldManager(fieldManager)
        .fieldValidation(validation())
        .build();
  }

  private String validation() {
    return switch (fieldValidation) {
      case IGNORE -> "Ignore";
      case WARN -> "Warn";
      case STRICT -> "Strict";
    };
  }

  static boolean dryRun(List<String> values, List<FieldError> errors) {
    boolean dryRun = false;
    for (String value : values) {
      if (value.equals("All")) {
        dryRun = true;
      } else if (!value.isEmpty() || values.size() > 1) {
        errors.add(FieldError.notSupported(FieldPath.of("dryRun"), values, List.of("All")));
        break;
      }
    }
    return dryRun;
  }
}
