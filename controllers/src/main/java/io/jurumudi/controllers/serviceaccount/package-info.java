/** The default ServiceAccount and the CA bundle of every namespace. */
@NullMarked
package io.jurumudi.controllers.serviceaccount;

import org.jspecify.annotations.NullMarked;
