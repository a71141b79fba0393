package io.jurumudi.apiserver.verbs;

/**
 * What a write did.
 *
 * @param object as it is stored, or would be in a dry run
 * @param created whether it was not there before
 */
public record Change<T>(T object, boolean created) {}
