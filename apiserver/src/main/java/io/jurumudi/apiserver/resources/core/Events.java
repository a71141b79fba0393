package io.jurumudi.apiserver.resources.core;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Event;
import io.jurumudi.api.core.v1.EventSeries;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.Strategy.MetadataChecks;
import io.jurumudi.apiserver.table.Cells;
import io.jurumudi.apiserver.table.Column;
import io.jurumudi.apiserver.table.Columns;
import io.jurumudi.apiserver.validation.SmallKinds;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Events, in the core group and in their own. They live for an hour. */
final class Events {
  private static final Duration TIME_TO_LIVE = Duration.ofHours(1);

  private Events() {}

  static Resource<Event> resource() {
    return Resource.of(Resources.EVENTS)
        .timeToLive(TIME_TO_LIVE)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.NONE)
                    .createOnUpdate()
                    .validate(SmallKinds::event)
                    .selectableFields(Events::fields))
        .alsoServed(Resources.EVENTS_V1, e -> e, Events::toCore, Events::fromCore)
        .columns(
            Columns.of(
                Events::cells,
                Column.of("Last Seen"),
                Column.of("Type"),
                Column.of("Reason"),
                Column.of("Object"),
                Column.wide("Subobject"),
                Column.wide("Source"),
                Column.of("Message"),
                Column.wide("First Seen"),
                Column.wide("Count"),
                new Column("Name", "string", "name", 1)))
        .build();
  }

  private static Map<String, String> fields(Event e) {
    Map<String, String> fields = new HashMap<>();
    var object = e.involvedObject();
    fields.put("involvedObject.kind", object.kind());
    fields.put("involvedObject.namespace", object.namespace());
    fields.put("involvedObject.name", object.name());
    fields.put("involvedObject.uid", object.uid());
    fields.put("involvedObject.apiVersion", object.apiVersion());
    fields.put("involvedObject.resourceVersion", object.resourceVersion());
    fields.put("involvedObject.fieldPath", object.fieldPath());
    fields.put("reason", e.reason());
    fields.put("reportingComponent", e.reportingComponent());
    String source = e.source().component_();
    fields.put("source", source.isEmpty() ? e.reportingComponent() : source);
    fields.put("type", e.type());
    // What events.k8s.io calls the same.
    fields.put("reportingController", e.reportingComponent());
    fields.put("regarding.kind", object.kind());
    fields.put("regarding.namespace", object.namespace());
    fields.put("regarding.name", object.name());
    fields.put("regarding.uid", object.uid());
    fields.put("regarding.apiVersion", object.apiVersion());
    fields.put("regarding.resourceVersion", object.resourceVersion());
    fields.put("regarding.fieldPath", object.fieldPath());
    return fields;
  }

  private static List<Object> cells(Event e, Instant now) {
    String first =
        Cells.since(e.firstTimestamp() == null ? e.eventTime() : e.firstTimestamp(), now);
    String last = e.lastTimestamp() == null ? first : Cells.since(e.lastTimestamp(), now);
    long count = e.count() == 0 ? 1 : e.count();
    EventSeries series = e.series();
    if (series != null) {
      last = Cells.since(series.lastObservedTime(), now);
      count = series.count();
    }
    String kind = e.involvedObject().kind().toLowerCase(Locale.ROOT);
    String name = e.involvedObject().name();
    return List.of(
        last,
        e.type(),
        e.reason(),
        name.isEmpty() ? kind : kind + "/" + name,
        e.involvedObject().fieldPath(),
        source(e),
        e.message().strip(),
        first,
        count,
        e.metadata().name());
  }

  private static String source(Event e) {
    String component = e.source().component_();
    String host = e.source().host();
    if (component.isEmpty()) {
      component = e.reportingComponent();
      host = e.reportingInstance();
    }
    return host.isEmpty() ? component : component + ", " + host;
  }

  private static Event toCore(io.jurumudi.api.events.v1.Event e) {
    EventSeries series =
        e.series() == null
            ? null
            : EventSeries.builder()
                .count(e.series().count())
                .lastObservedTime(e.series().lastObservedTime())
                .build();
    return Event.builder()
        .metadata(e.metadata())
        .eventTime(e.eventTime())
        .series(series)
        .reportingComponent(e.reportingController())
        .reportingInstance(e.reportingInstance())
        .action(e.action())
        .reason(e.reason())
        .involvedObject(e.regarding())
        .related(e.related())
        .message(e.note())
        .type(e.type())
        .source(e.deprecatedSource())
        .firstTimestamp(e.deprecatedFirstTimestamp())
        .lastTimestamp(e.deprecatedLastTimestamp())
        .count(e.deprecatedCount())
        .build();
  }

  private static io.jurumudi.api.events.v1.Event fromCore(Event e) {
    io.jurumudi.api.events.v1.EventSeries series =
        e.series() == null
            ? null
            : io.jurumudi.api.events.v1.EventSeries.builder()
                .count(e.series().count())
                .lastObservedTime(e.series().lastObservedTime())
                .build();
    return io.jurumudi.api.events.v1.Event.builder()
        .metadata(e.metadata())
        .eventTime(e.eventTime())
        .series(series)
        .reportingController(e.reportingComponent())
        .reportingInstance(e.reportingInstance())
        .action(e.action())
        .reason(e.reason())
        .regarding(e.involvedObject())
        .related(e.related())
        .note(e.message())
        .type(e.type())
        .deprecatedSource(e.source())
        .deprecatedFirstTimestamp(e.firstTimestamp())
        .deprecatedLastTimestamp(e.lastTimestamp())
        .deprecatedCount(e.count())
        .build();
  }
}
