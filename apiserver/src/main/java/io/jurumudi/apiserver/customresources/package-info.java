/**
 * Custom resources: from a CustomResourceDefinition to {@link
 * io.jurumudi.apiserver.registry.Resource} values that the generic verbs serve as any other.
 */
@NullMarked
package io.jurumudi.apiserver.customresources;

import org.jspecify.annotations.NullMarked;
