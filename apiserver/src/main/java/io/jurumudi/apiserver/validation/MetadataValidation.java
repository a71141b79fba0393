package io.jurumudi.apiserver.validation;

import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.meta.v1.OwnerReference;
import io.jurumudi.api.schema.Message;
import io.jurumudi.apiserver.registry.NameRule;
import io.jurumudi.apiserver.registry.Strategy;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules for metadata of all kinds. Facts: k8s.io/apimachinery pkg/api/validation/objectmeta.go. */
public final class MetadataValidation {
  /** Keys and values of all annotations together, in bytes. */
  private static final int MAX_ANNOTATION_BYTES = 256 * 1024;

  private static final Set<String> STANDARD_FINALIZERS =
      Set.of("kubernetes", "orphan", "foregroundDeletion");

  private MetadataValidation() {}

  private static final String UNQUALIFIED =
      "name is neither a standard finalizer name nor is it fully qualified";

  /** Whether an error is about a finalizer of no domain, which some kinds do take. */
  public static boolean isUnqualifiedFinalizer(FieldError error) {
    return error.detail().equals(UNQUALIFIED);
  }

  public static List<FieldError> create(ObjectMeta meta, boolean namespaced, NameRule rule) {
    return create(meta, namespaced, rule, FieldPath.of("metadata"));
  }

  public static List<FieldError> create(
      ObjectMeta meta, boolean namespaced, NameRule rule, FieldPath path) {
    List<FieldError> errors = new ArrayList<>();
    if (!meta.generateName().isEmpty()) {
      for (String wrong : rule.check(Names.maskTrailingDash(meta.generateName()))) {
        errors.add(FieldError.invalid(path.child("generateName"), meta.generateName(), wrong));
      }
    }
    if (meta.name().isEmpty()) {
      errors.add(FieldError.required(path.child("name"), "name or generateName is required"));
    } else {
      for (String wrong : rule.check(meta.name())) {
        errors.add(FieldError.invalid(path.child("name"), meta.name(), wrong));
      }
    }
    if (namespaced) {
      if (meta.namespace().isEmpty()) {
        errors.add(FieldError.required(path.child("namespace"), ""));
      } else {
        for (String wrong : Names.isDns1123Label(meta.namespace())) {
          errors.add(FieldError.invalid(path.child("namespace"), meta.namespace(), wrong));
        }
      }
    } else if (!meta.namespace().isEmpty()) {
      errors.add(FieldError.forbidden(path.child("namespace"), "not allowed on this type"));
    }
    if (meta.generation() < 0) {
      errors.add(
          FieldError.invalid(
              path.child("generation"), meta.generation(), "must be greater than or equal to 0"));
    }
    common(meta, path, errors);
    return errors;
  }

  private static void common(ObjectMeta meta, FieldPath path, List<FieldError> errors) {
    errors.addAll(labels(meta.labels(), path.child("labels")));
    errors.addAll(annotations(meta.annotations(), path.child("annotations")));
    owners(meta.ownerReferences(), path.child("ownerReferences"), errors);
    finalizers(meta.finalizers(), path.child("finalizers"), errors);
  }

  public static List<FieldError> labels(Map<String, String> labels, FieldPath path) {
    List<FieldError> errors = new ArrayList<>();
    labels.forEach(
        (key, value) -> {
          for (String wrong : Names.isQualifiedName(key)) {
            errors.add(FieldError.invalid(path, key, wrong));
          }
          for (String wrong : Names.isLabelValue(value)) {
            errors.add(FieldError.invalid(path, value, wrong));
          }
        });
    return errors;
  }

  public static List<FieldError> annotations(Map<String, String> annotations, FieldPath path) {
    List<FieldError> errors = new ArrayList<>();
    long size = 0;
    for (var e : annotations.entrySet()) {
      for (String wrong : Names.isQualifiedName(e.getKey().toLowerCase(Locale.ROOT))) {
        errors.add(FieldError.invalid(path, e.getKey(), wrong));
      }
      size += e.getKey().getBytes(StandardCharsets.UTF_8).length;
      size += e.getValue().getBytes(StandardCharsets.UTF_8).length;
    }
    if (size > MAX_ANNOTATION_BYTES) {
      errors.add(FieldError.tooLong(path, MAX_ANNOTATION_BYTES));
    }
    return errors;
  }

  private static void owners(List<OwnerReference> owners, FieldPath path, List<FieldError> errors) {
    OwnerReference controller = null;
    for (int i = 0; i < owners.size(); i++) {
      OwnerReference owner = owners.get(i);
      FieldPath at = path;
      if (owner.apiVersion().isEmpty()) {
        errors.add(
            FieldError.invalid(
                at.child("apiVersion"), owner.apiVersion(), "version must not be empty"));
      }
      if (owner.kind().isEmpty()) {
        errors.add(FieldError.invalid(at.child("kind"), owner.kind(), "must not be empty"));
      }
      if (owner.name().isEmpty()) {
        errors.add(FieldError.invalid(at.child("name"), owner.name(), "must not be empty"));
      }
      if (owner.uid().isEmpty()) {
        errors.add(FieldError.invalid(at.child("uid"), owner.uid(), "must not be empty"));
      }
      if (owner.kind().equals("Event")
          && (owner.apiVersion().equals("v1") || owner.apiVersion().startsWith("events.k8s.io/"))) {
        errors.add(
            FieldError.invalid(
                at,
                owner.kind(),
                owner.apiVersion() + ", Kind=Event is disallowed from being an" + " owner"));
      }
      if (Boolean.TRUE.equals(owner.controller())) {
        if (controller != null) {
          errors.add(
              FieldError.invalid(
                  path,
                  owners.size(),
                  "Only one reference can have Controller set to true. Found \"true\" in"
                      + " references for "
                      + controller.kind()
                      + "/"
                      + controller.name()
                      + " and "
                      + owner.kind()
                      + "/"
                      + owner.name()));
        }
        controller = owner;
      }
    }
  }

  private static void finalizers(List<String> finalizers, FieldPath path, List<FieldError> errors) {
    boolean orphan = false;
    boolean foreground = false;
    for (int i = 0; i < finalizers.size(); i++) {
      String finalizer = finalizers.get(i);
      List<String> wrong = Names.isQualifiedName(finalizer);
      for (String w : wrong) {
        errors.add(FieldError.invalid(path, finalizer, w));
      }
      if (finalizer.indexOf('/') < 0 && !STANDARD_FINALIZERS.contains(finalizer)) {
        errors.add(FieldError.invalid(path.index(i), finalizer, UNQUALIFIED));
      }
      orphan |= finalizer.equals("orphan");
      foreground |= finalizer.equals("foregroundDeletion");
    }
    if (orphan && foreground) {
      errors.add(
          FieldError.invalid(
              path, finalizers, "finalizer orphan and foregroundDeletion cannot be both set"));
    }
  }

  /**
   * All errors in the metadata of an updated object. Upstream looks at them as at those of a new
   * object and as at a change, for all kinds, and then again in the checks of most kinds; it tells
   * what it finds each time.
   */
  public static List<FieldError> update(
      ObjectMeta meta, ObjectMeta old, boolean namespaced, Strategy<?> strategy) {
    List<FieldError> errors = new ArrayList<>(create(meta, namespaced, NameRule.PATH_SEGMENT));
    errors.addAll(update(meta, old));
    Strategy.MetadataChecks again = strategy.checksOfUpdatedMetadata();
    if (again == Strategy.MetadataChecks.CHANGE || again == Strategy.MetadataChecks.WHOLE) {
      errors.addAll(update(meta, old));
    }
    if (again == Strategy.MetadataChecks.STATE || again == Strategy.MetadataChecks.WHOLE) {
      errors.addAll(create(meta, namespaced, strategy.nameRule()));
    }
    return errors;
  }

  private static List<FieldError> update(ObjectMeta meta, ObjectMeta old) {
    FieldPath path = FieldPath.of("metadata");
    List<FieldError> errors = new ArrayList<>();
    if (old.deletionTimestamp() != null) {
      List<String> added = new ArrayList<>(meta.finalizers());
      added.removeAll(old.finalizers());
      if (!added.isEmpty()) {
        errors.add(
            FieldError.forbidden(
                path.child("finalizers"),
                "no new finalizers can be added if the object is being deleted, found new"
                    + " finalizers "
                    + quoted(added)));
      }
    }
    if (meta.generation() < old.generation()) {
      errors.add(
          FieldError.invalid(
              path.child("generation"), meta.generation(), "must not be decremented"));
    }
    immutable(meta.name(), old.name(), path.child("name"), errors);
    immutable(meta.namespace(), old.namespace(), path.child("namespace"), errors);
    immutable(meta.uid(), old.uid(), path.child("uid"), errors);
    immutable(
        text(meta.deletionTimestamp()),
        text(old.deletionTimestamp()),
        path.child("deletionTimestamp"),
        errors);
    immutable(
        meta.deletionGracePeriodSeconds(),
        old.deletionGracePeriodSeconds(),
        path.child("deletionGracePeriodSeconds"),
        errors);
    errors.addAll(labels(meta.labels(), path.child("labels")));
    errors.addAll(annotations(meta.annotations(), path.child("annotations")));
    owners(meta.ownerReferences(), path.child("ownerReferences"), errors);
    return errors;
  }

  /** An error when the value differs from the one before. */
  public static void immutable(
      @Nullable Object value, @Nullable Object old, FieldPath path, List<FieldError> errors) {
    if (!Objects.equals(value, old)) {
      Object shown = value instanceof Message<?> message ? Trees.fromMessage(message) : value;
      errors.add(FieldError.invalid(path, shown, "field is immutable"));
    }
  }

  private static @Nullable String text(java.time.@Nullable Instant time) {
    return time == null ? null : time.toString();
  }

  private static String quoted(List<String> names) {
    StringBuilder out = new StringBuilder("[]string{");
    for (int i = 0; i < names.size(); i++) {
      out.append(i == 0 ? "" : ", ").append('"').append(names.get(i)).append('"');
    }
    return out.append('}').toString();
  }
}
