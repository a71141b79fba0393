package io.jurumudi.cri;

/** Credentials for a registry; a token takes precedence. */
public record RegistryAuth(String username, String password, String identityToken) {}
