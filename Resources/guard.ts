// The guard of ags for pi: asks `ags-shim guard` before each tool call, shows the mode, and
// explains the rules with /guard. docs/guard.md in ags' repository says what it refuses.
//
// The rules are the guard's own; nothing is decided here. Whatever keeps the guard from
// answering is a refusal. Only erasable syntax, and no imports but Node's.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

// The part of pi's interface that is used here.
interface UI {
  notify(message: string, level: "info" | "warning" | "error"): void;
  setStatus(key: string, text: string | undefined): void;
  setWidget(key: string, lines: string[] | undefined): void;
}
interface Context {
  cwd?: string;
  hasUI?: boolean;
  signal?: AbortSignal;
  ui: UI;
}
interface ToolCall {
  toolName: string;
  input: unknown;
}
interface Refusal {
  block: true;
  reason: string;
}
interface Pi {
  on(event: "session_start", handler: (event: unknown, context: Context) => void): void;
  on(
    event: "tool_call",
    handler: (event: ToolCall, context: Context) => Promise<Refusal | undefined>,
  ): void;
  registerCommand(
    name: string,
    command: {
      description: string;
      handler: (argument: string, context: Context) => Promise<void>;
    },
  ): void;
}

const guardProgram = "/opt/ags/bin/ags-shim";
const sessionFile = "/run/ags/session.json";
const key = "ags-guard";
// The guard refuses by itself what takes it longer than ten seconds.
const limit = 30_000;
const longestReason = 2_000;

type Mode = "on" | "lockdown" | "off";

/** What the host says about this session; the strictest mode if it says nothing readable. */
function mode(): Mode {
  try {
    const session = JSON.parse(readFileSync(sessionFile, "utf8"));
    if (session.v !== 1) return "lockdown";
    if (session.yolo === true) return "off";
    return session.lockdown === false ? "on" : "lockdown";
  } catch {
    return "lockdown";
  }
}

const modeTexts: Record<Mode, string> = {
  on: "guard on",
  lockdown: "guard on, lockdown",
  off: "guard off (--yolo)",
};

/** Undefined if the guard allows the call, else why not. */
function ask(document: string, signal?: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    let errors = "";
    let isSettled = false;
    const settle = (refusal: string | undefined) => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      resolve(refusal);
    };
    const fail = (why: string) => settle(`ags guard: ${why}, so the call is refused`);
    const stop = () => {
      child.kill("SIGKILL");
      fail("the check was stopped");
    };
    const child = spawn(guardProgram, ["guard"], { stdio: ["pipe", "ignore", "pipe"] });
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      fail("the check took too long");
    }, limit);
    child.on("error", (error) => fail(`it cannot be started (${error.message})`));
    child.stderr.setEncoding("utf8");
    child.stderr.on("data", (text: string) => {
      if (errors.length < longestReason) errors += text;
    });
    // It may answer before it has read everything.
    child.stdin.on("error", () => {});
    child.on("close", (status) => {
      const reason = errors.trim().slice(0, longestReason);
      if (status === 0) settle(undefined);
      else if (status === 2 && reason !== "") settle(reason);
      else fail("the check failed");
    });
    if (signal?.aborted) return stop();
    signal?.addEventListener("abort", stop);
    child.stdin.end(document);
  });
}

const rules = [
  "Refused: reading keys and logins (~/.ssh, ~/.gnupg, ~/.aws, ~/.config/gcloud,",
  "  ~/.git-credentials, ~/.npmrc, login files of agents), and searches from above them",
  "Refused: writing those, .env files, *.pem, *.key, id_*, and what was handed in read-only",
  "Refused: git worktree prune, and commands that plainly destroy",
];
const lockdownRule = "Lockdown: no command runs at all unless the image has dcg and it agrees";

export default function guard(pi: Pi): void {
  pi.on("session_start", (_event, context) => {
    if (context.hasUI === false) return;
    const current = mode();
    context.ui.setStatus(key, modeTexts[current]);
    // Nothing to show while everything is as usual.
    context.ui.setWidget(key, current === "on" ? undefined : [`ags: ${modeTexts[current]}`]);
  });

  pi.on("tool_call", async (event, context) => {
    try {
      const document = JSON.stringify({
        hook_event_name: "PreToolUse",
        cwd: context.cwd ?? process.cwd(),
        tool_name: event.toolName,
        tool_input: event.input ?? {},
      });
      const reason = await ask(document, context.signal);
      return reason === undefined ? undefined : { block: true, reason };
    } catch (error) {
      return { block: true, reason: `ags guard: ${String(error)}, so the call is refused` };
    }
  });

  pi.registerCommand("guard", {
    description: "Show what the guard of this sandbox refuses",
    handler: async (_argument, context) => {
      const current = mode();
      const lines = [modeTexts[current]];
      if (current !== "off") lines.push(...rules);
      if (current === "lockdown") lines.push(lockdownRule);
      context.ui.notify(lines.join("\n"), "info");
    },
  });
}
