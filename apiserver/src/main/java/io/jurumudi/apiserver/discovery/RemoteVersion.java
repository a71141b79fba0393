package io.jurumudi.apiserver.discovery;

import io.jurumudi.api.meta.GroupVersion;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A group version of another server, as discovery shows it.
 *
 * @param resources the elements of its APIResourceList
 */
public record RemoteVersion(GroupVersion version, List<Map<String, @Nullable Object>> resources) {}
