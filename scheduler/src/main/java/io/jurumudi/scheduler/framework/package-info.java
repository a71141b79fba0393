/**
 * The scheduling framework: values that describe pods and nodes, the plugins' extension points, and
 * the pure decision made of them.
 */
@NullMarked
package io.jurumudi.scheduler.framework;

import org.jspecify.annotations.NullMarked;
