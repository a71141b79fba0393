/** What is served, told to clients: plain and aggregated discovery. */
@NullMarked
package io.jurumudi.apiserver.discovery;

import org.jspecify.annotations.NullMarked;
