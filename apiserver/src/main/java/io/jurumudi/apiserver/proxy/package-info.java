/** Requests that go on to somewhere else: to kubelets, pods and services. */
@NullMarked
package io.jurumudi.apiserver.proxy;

import org.jspecify.annotations.NullMarked;
