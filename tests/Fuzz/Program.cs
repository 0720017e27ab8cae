using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using IlgpuSpp.Fuzz;

// Gives damaged files of every kind to their readers and reports those that are neither read nor refused as documented, in time
// and memory. Exits 1 where there are some, 2 on wrong arguments, 130 when stopped.
const string Usage = """
    Fuzz [--kind all|NAME[,NAME...]] [--count N] [--seed N] [--from INDEX] [--corpus DIR] [--state FILE [--resume]]
    Fuzz --replay KIND SEED INDEX [--corpus DIR]     writes the input to the current folder and reads it

      --kind    all, or some of: {0}
      --count   inputs of each kind (20000)
      --seed    the same seed gives the same inputs (1)
      --from    the first index (0)
      --corpus  a folder whose files are damaged beside those of the program; a replay needs the same
      --state   a file that holds the kind, seed and index in progress, for after a crash
      --resume  goes on from there
    """;

string[] kinds = [.. Fuzzer.Kinds];
long count = 20_000, from = 0;
ulong seed = 1;
string? corpus = null, state = null, replay = null;
bool resume = false;
try
{
    for (int i = 0; i < args.Length; i++)
    {
        string Next() => i + 1 < args.Length ? args[++i] : throw new FormatException();
        long Whole() => long.Parse(Next(), NumberStyles.None, CultureInfo.InvariantCulture);
        switch (args[i])
        {
            case "--kind" when Next() is var names: kinds = names == "all" ? kinds : names.Split(','); break;
            case "--count": count = Whole(); break;
            case "--seed": seed = (ulong)Whole(); break;
            case "--from": from = Whole(); break;
            case "--corpus": corpus = Next(); break;
            case "--state": state = Next(); break;
            case "--resume": resume = true; break;
            case "--replay": (replay, seed, from) = (Next(), (ulong)Whole(), Whole()); break;
            default: throw new FormatException();
        }
    }
    if (resume && state is null || (replay is null ? kinds : [replay]).Except(Fuzzer.Kinds).Any()) throw new FormatException();
}
catch (Exception error) when (error is FormatException or OverflowException)
{
    Console.Error.WriteLine(string.Format(CultureInfo.InvariantCulture, Usage, string.Join(", ", Fuzzer.Kinds)));
    return 2;
}

if (replay is not null)
{
    using var one = new Fuzzer(replay, seed, FuzzLimits.Usual, corpus);
    string path = FormattableString.Invariant($"fuzz-{replay}-{seed}-{from}{one.Extension}");
    File.WriteAllBytes(path, one.Input(from));
    Console.WriteLine($"wrote {path}");
    FuzzFinding? fault = one.Try(from);
    Console.WriteLine(fault?.ToString() ?? FormattableString.Invariant($"{(one.Read > 0 ? "read" : "refused")}, {one.Longest.TotalMilliseconds:F0} ms, {one.Largest >> 20} MB"));
    return fault is null ? 0 : 1;
}

if (resume && File.Exists(state) && File.ReadAllText(state).Split() is [var lastKind, var lastSeed, var lastIndex, ..])
{
    kinds = [.. kinds.SkipWhile(kind => kind != lastKind)];
    (seed, from) = (ulong.Parse(lastSeed, CultureInfo.InvariantCulture), long.Parse(lastIndex, CultureInfo.InvariantCulture));
    Console.WriteLine(FormattableString.Invariant($"goes on with {lastKind}, seed {seed}, from {from}"));
}

bool stop = false;
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var progress = state is null ? null : File.OpenHandle(state, FileMode.Create, FileAccess.Write);
string current = "";
long began = Stopwatch.GetTimestamp();
// A reader that never comes back would hold the program for ever.
using var watch = new Timer(_ =>
{
    if (Stopwatch.GetElapsedTime(Interlocked.Read(ref began)) < TimeSpan.FromMinutes(5)) return;
    Console.WriteLine($"--replay {current}: does not return");
    Environment.Exit(1);
}, null, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));

long inputs = 0, findings = 0;
foreach (string kind in kinds)
{
    using var fuzzer = new Fuzzer(kind, seed, FuzzLimits.Usual, corpus);
    long started = Stopwatch.GetTimestamp(), reported = started, done = 0, faults = 0;
    for (long index = from; index < count && !stop; index++, done++)
    {
        current = FormattableString.Invariant($"{kind} {seed} {index}");
        Interlocked.Exchange(ref began, Stopwatch.GetTimestamp());
        if (progress is not null) RandomAccess.Write(progress, Encoding.ASCII.GetBytes(current.PadRight(60) + "\n"), 0);
        if (fuzzer.Try(index) is { } finding)
        {
            Console.WriteLine(finding);
            faults++;
        }
        if (Stopwatch.GetElapsedTime(reported).TotalSeconds < 20) continue;
        reported = Stopwatch.GetTimestamp();
        Report("...");
    }
    Report("");
    inputs += done;
    findings += faults;
    from = 0;

    void Report(string more) => Console.WriteLine(FormattableString.Invariant(
        $"{kind,-12} {done,8} inputs, {fuzzer.Read,8} read, {fuzzer.Refused,8} refused, {faults,4} findings, longest {fuzzer.Longest.TotalMilliseconds,5:F0} ms, largest {fuzzer.Largest >> 20,4} MB, {done / Stopwatch.GetElapsedTime(started).TotalSeconds:F0}/s{more}"));
}
Console.WriteLine(FormattableString.Invariant($"{inputs} inputs with seed {seed}, {findings} findings"));
return findings > 0 ? 1 : stop ? 130 : 0;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop = true;
}
