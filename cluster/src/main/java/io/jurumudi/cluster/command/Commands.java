package io.jurumudi.cluster.command;

import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.machinery.errors.ApiException;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** All commands, and how their errors are shown. */
@Command(
    name = "jurumudi",
    description = "Kubernetes v1.36 and the container engine under it, in one program.",
    subcommands = {
      UpCommand.class,
      StatusCommand.class,
      ListCommand.class,
      LogsCommand.class,
      DownCommand.class,
      DeleteCommand.class,
      JoinCommand.class,
      BuildCommand.class,
      ImagesCommand.class,
      PullCommand.class,
      ImportCommand.class,
      ExportCommand.class,
      ApiServerCommand.class,
      SchedulerCommand.class,
      TrainCommand.class
    })
public final class Commands implements Runnable {
  private Commands() {}

  /** Runs one command; returns the exit code. */
  public static int run(String... args) {
    CommandLine line = new CommandLine(new Commands());
    for (CommandLine command : line.getSubcommands().values()) {
      command.getCommandSpec().mixinStandardHelpOptions(true);
    }
    line.getCommandSpec().mixinStandardHelpOptions(true);
    line.setExecutionExceptionHandler((exception, _, _) -> show(exception));
    return line.execute(args);
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }

  /** What a person caused or can mend is said in a line; the rest is a bug and shows its trace. */
  static int show(Exception exception) {
    boolean expected =
        exception instanceof CommandException
            || exception instanceof IllegalArgumentException
            || exception instanceof IOException
            || exception instanceof ApiException
            || exception instanceof RuntimeServiceException;
    if (expected) {
      System.err.println("jurumudi: " + exception.getMessage());
    } else {
      exception.printStackTrace();
    }
    return 1;
  }
}
