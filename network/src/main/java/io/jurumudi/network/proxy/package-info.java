/**
 * The service proxy: Services and EndpointSlices become nftables maps and chains. What is wanted is
 * planned as values ({@link io.jurumudi.network.proxy.ServiceRules}), differences become
 * transactions.
 */
@NullMarked
package io.jurumudi.network.proxy;

import org.jspecify.annotations.NullMarked;
