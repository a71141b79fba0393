package io.jurumudi.cluster.command;

import picocli.CommandLine.Option;

/** Options of commands that start something which runs on, and how these tell how that went. */
final class LongRun {
  @Option(
      names = "--foreground",
      description =
          "Stays in the foreground and logs there; Ctrl-C ends it, its containers run on.")
  boolean foreground;

  /** Set by the launcher, which waits for the end of the progress and then goes. */
  @Option(names = "--detached", hidden = true)
  boolean detached;

  /** What runs. */
  interface Body {
    int run(Progress progress) throws Exception;
  }

  /** Runs it; a failure ends the progress. */
  int run(Body body) throws Exception {
    Progress progress = detached ? Progress.launcher() : Progress.console();
    try {
      return body.run(progress);
    } catch (Exception e) {
      progress.say("jurumudi: " + e.getMessage());
      progress.end(1);
      if (detached) {
        return 1;
      }
      throw e;
    }
  }
}
