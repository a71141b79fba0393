package io.jurumudi.machinery.selectors;

import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.names.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Reads the text form of a label selector, as in {@code x in (a,,b),y,!z,n>3}.
 *
 * <p>The grammar and the messages are those of k8s.io/apimachinery/pkg/labels. Words are split at
 * white space and at the characters {@code = ! ( ) , > <}; "in" and "notin" are operators only
 * where an operator may stand.
 */
final class SelectorParser {
  private enum Kind {
    ERROR,
    END,
    CLOSE,
    COMMA,
    NOT,
    DOUBLE_EQUALS,
    EQUALS,
    GREATER,
    WORD,
    IN,
    LESS,
    NOT_EQUALS,
    NOT_IN,
    OPEN
  }

  private record Token(Kind kind, String text) {}

  private static final String OPERATORS = "in, notin, =, ==, !=, gt, lt";

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int next;

  SelectorParser(String text) {
    this.text = text;
  }

  Selector parse() {
    Token scanned;
    do {
      scanned = scan();
      tokens.add(scanned);
    } while (scanned.kind != Kind.END);

    List<Requirement> requirements = new ArrayList<>();
    while (true) {
      Token token = peek();
      switch (token.kind) {
        case WORD, NOT -> {
          try {
            requirements.add(requirement());
          } catch (SelectorSyntaxException e) {
            throw new SelectorSyntaxException("unable to parse requirement: " + e.getMessage());
          }
          Token after = take();
          if (after.kind == Kind.END) {
            return Selector.of(requirements);
          }
          if (after.kind != Kind.COMMA) {
            throw found(after, "', expected: ',' or 'end of string'");
          }
          Token following = peek();
          if (following.kind != Kind.WORD && following.kind != Kind.NOT) {
            throw found(following, "', expected: identifier after ','");
          }
        }
        case END -> {
          return Selector.of(requirements);
        }
        default -> throw found(token, "', expected: !, identifier, or 'end of string'");
      }
    }
  }

  private Requirement requirement() {
    Token token = take();
    boolean absent = token.kind == Kind.NOT;
    if (absent) {
      token = take();
    }
    if (token.kind != Kind.WORD) {
      throw found(token, "', expected: identifier");
    }
    String key = token.text;
    List<String> wrong = Names.isQualifiedName(key);
    if (!wrong.isEmpty()) {
      // Upstream has no path here and writes Go's nil.
      throw new SelectorSyntaxException(
          FieldError.invalid("<nil>", key, String.join("; ", wrong)).toString());
    }
    Kind after = peek().kind;
    if (absent) {
      return Requirement.checked(key, Operator.DOES_NOT_EXIST, List.of());
    }
    if (after == Kind.END || after == Kind.COMMA) {
      return Requirement.checked(key, Operator.EXISTS, List.of());
    }
    Token operator = next(false);
    return switch (operator.kind) {
      case IN -> Requirement.checked(key, Operator.IN, values());
      case NOT_IN -> Requirement.checked(key, Operator.NOT_IN, values());
      case EQUALS -> Requirement.checked(key, Operator.EQUALS, value());
      case DOUBLE_EQUALS -> Requirement.checked(key, Operator.DOUBLE_EQUALS, value());
      case NOT_EQUALS -> Requirement.checked(key, Operator.NOT_EQUALS, value());
      case GREATER -> Requirement.checked(key, Operator.GREATER_THAN, value());
      case LESS -> Requirement.checked(key, Operator.LESS_THAN, value());
      default -> throw found(operator, "', expected: " + OPERATORS);
    };
  }

  /** The values in parentheses; an empty place between commas is the empty string. */
  private List<String> values() {
    Token open = take();
    if (open.kind != Kind.OPEN) {
      throw found(open, "' expected: '('");
    }
    Token first = peek();
    if (first.kind == Kind.CLOSE) {
      take();
      return List.of("");
    }
    if (first.kind != Kind.WORD && first.kind != Kind.COMMA) {
      throw found(first, "', expected: ',', ')' or identifier");
    }
    TreeSet<String> values = new TreeSet<>();
    while (true) {
      Token token = take();
      if (token.kind == Kind.WORD) {
        values.add(token.text);
        Token after = peek();
        if (after.kind == Kind.CLOSE) {
          break;
        }
        if (after.kind != Kind.COMMA) {
          throw found(after, "', expected: ',' or ')'");
        }
      } else if (token.kind == Kind.COMMA) {
        if (values.isEmpty()) {
          values.add("");
        }
        Token after = peek();
        if (after.kind == Kind.CLOSE) {
          values.add("");
          break;
        }
        if (after.kind == Kind.COMMA) {
          values.add("");
        }
      } else {
        throw found(token, "', expected: ',', or identifier");
      }
    }
    take();
    return List.copyOf(values);
  }

  private List<String> value() {
    Kind ahead = peek().kind;
    if (ahead == Kind.END || ahead == Kind.COMMA) {
      return List.of("");
    }
    Token token = take();
    if (token.kind != Kind.WORD) {
      throw found(token, "', expected: identifier");
    }
    return List.of(token.text);
  }

  private static SelectorSyntaxException found(Token token, String rest) {
    return new SelectorSyntaxException("found '" + token.text + rest);
  }

  private Token peek() {
    return asWord(tokens.get(at));
  }

  private Token take() {
    return next(true);
  }

  private Token next(boolean inValues) {
    // The end is asked for again only after it was seen, and then it is still the end.
    Token token = tokens.get(Math.min(at, tokens.size() - 1));
    at = Math.min(at + 1, tokens.size() - 1);
    return inValues ? asWord(token) : token;
  }

  private static Token asWord(Token token) {
    return token.kind == Kind.IN || token.kind == Kind.NOT_IN
        ? new Token(Kind.WORD, token.text)
        : token;
  }

  private Token scan() {
    while (next < text.length() && isSpace(text.charAt(next))) {
      next++;
    }
    if (next >= text.length() || text.charAt(next) == 0) {
      return new Token(Kind.END, "");
    }
    return isSymbol(text.charAt(next)) ? symbol() : word();
  }

  private Token word() {
    int start = next;
    while (next < text.length()
        && text.charAt(next) != 0
        && !isSymbol(text.charAt(next))
        && !isSpace(text.charAt(next))) {
      next++;
    }
    String word = text.substring(start, next);
    return switch (word) {
      case "in" -> new Token(Kind.IN, word);
      case "notin" -> new Token(Kind.NOT_IN, word);
      default -> new Token(Kind.WORD, word);
    };
  }

  private Token symbol() {
    char c = text.charAt(next++);
    boolean equalsFollows = next < text.length() && text.charAt(next) == '=';
    if ((c == '=' || c == '!') && equalsFollows) {
      next++;
      return c == '=' ? new Token(Kind.DOUBLE_EQUALS, "==") : new Token(Kind.NOT_EQUALS, "!=");
    }
    Kind kind =
        switch (c) {
          case '=' -> Kind.EQUALS;
          case '!' -> Kind.NOT;
          case '(' -> Kind.OPEN;
          case ')' -> Kind.CLOSE;
          case ',' -> Kind.COMMA;
          case '>' -> Kind.GREATER;
          case '<' -> Kind.LESS;
          default -> Kind.ERROR;
        };
    return new Token(kind, String.valueOf(c));
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  private static boolean isSymbol(char c) {
    return "=!(),><".indexOf(c) >= 0;
  }
}
