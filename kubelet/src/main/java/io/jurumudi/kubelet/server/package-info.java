/**
 * The kubelet's own HTTPS server: logs, exec, attach and port-forward for the API server,
 * statistics for whoever measures. Paths and answers as upstream's pkg/kubelet/server.
 */
@NullMarked
package io.jurumudi.kubelet.server;

import org.jspecify.annotations.NullMarked;
