@NullMarked
package io.jurumudi.cluster.command;

import org.jspecify.annotations.NullMarked;
