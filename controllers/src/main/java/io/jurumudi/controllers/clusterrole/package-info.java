/** Gathers the rules of ClusterRoles that aggregate others. */
@NullMarked
package io.jurumudi.controllers.clusterrole;

import org.jspecify.annotations.NullMarked;
