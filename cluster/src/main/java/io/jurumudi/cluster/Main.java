package io.jurumudi.cluster;

import io.jurumudi.cluster.command.Commands;

/** The program that the launcher starts. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(Commands.run(args));
  }
}
