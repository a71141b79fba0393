package io.jurumudi.apiserver.proxy;

/**
 * Which object's subresource a request is for, after authorization.
 *
 * @param resource pods, services or nodes
 * @param subresource log, exec, attach, portforward or proxy
 * @param namespace empty for nodes
 * @param rest of the path, behind proxy, without a leading slash
 */
public record ProxyRequest(
    String resource, String subresource, String namespace, String name, String rest) {}
