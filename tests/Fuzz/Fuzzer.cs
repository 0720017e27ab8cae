using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace IlgpuSpp.Fuzz;

/// <summary>What one input may take.</summary>
/// <param name="Processor">Processor time.</param>
/// <param name="Bytes">Memory asked of the runtime, and growth of the process.</param>
/// <param name="OwnProcess">Whether the process does nothing else, so that its growth is the input's.</param>
public sealed record FuzzLimits(TimeSpan Processor, long Bytes, bool OwnProcess)
{
    /// <summary>Two seconds and 512 MB.</summary>
    public static FuzzLimits Usual { get; } = new(TimeSpan.FromSeconds(2), 512L << 20, OwnProcess: true);

    /// <summary>Limits for a process that does other things meanwhile: as much memory, and time enough under any load.</summary>
    public static FuzzLimits BesideOthers { get; } = new(TimeSpan.FromMinutes(2), 512L << 20, OwnProcess: false);
}

/// <summary>An input that did not pass.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Seed">The seed of the run.</param>
/// <param name="Index">Its index in the run.</param>
/// <param name="Fault">What happened.</param>
public sealed record FuzzFinding(string Kind, ulong Seed, long Index, string Fault)
{
    /// <summary>One line, with what repeats it.</summary>
    public override string ToString() => FormattableString.Invariant($"--replay {Kind} {Seed} {Index}: {Fault}");
}

/// <summary>
/// Gives readers damaged files. An input passes when it is read, or refused with a documented exception in one line of plain words,
/// within the limits.
/// </summary>
public sealed partial class Fuzzer : IDisposable
{
    private readonly FuzzKind _kind;
    private readonly ulong _seed;
    private readonly FuzzLimits _limits;

    /// <summary>Prepares a kind.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="limits">What one input may take.</param>
    /// <param name="corpus">A folder whose files are damaged too, or null.</param>
    public Fuzzer(string kind, ulong seed, FuzzLimits limits, string? corpus = null)
    {
        (_kind, _seed, _limits) = (Makers[kind](), seed, limits);
        if (corpus is not null) _kind.Add(Directory.EnumerateFiles(corpus, "*" + _kind.Extension, SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes));
    }

    /// <summary>The kinds of files.</summary>
    public static IReadOnlyCollection<string> Kinds => [.. Makers.Keys];

    /// <summary>Those that hold images or say what they show; the others hold networks.</summary>
    public static IReadOnlyCollection<string> DataKinds => [.. ImageKind.All.Select(kind => kind.Name), .. AnnotationKind.Names];

    /// <summary>Inputs that were read.</summary>
    public long Read { get; private set; }

    /// <summary>Inputs that were refused as documented.</summary>
    public long Refused { get; private set; }

    /// <summary>The longest processor time of an input, never less than it took.</summary>
    public TimeSpan Longest { get; private set; }

    /// <summary>The most memory that an input took.</summary>
    public long Largest { get; private set; }

    private static Dictionary<string, Func<FuzzKind>> Makers { get; } = new(
    [
        .. ImageKind.All.Select(kind => KeyValuePair.Create<string, Func<FuzzKind>>(kind.Name, () => kind)),
        .. AnnotationKind.Names.Select(name => KeyValuePair.Create<string, Func<FuzzKind>>(name, () => AnnotationKind.Create(name))),
        new("safetensors", () => new SafetensorsKind()),
        new("preparation", () => new PreparationKind()),
        new("model", () => new ModelKind()),
        new("prototxt", () => new PrototxtKind()),
        new("caffemodel", () => new CaffemodelKind()),
        new("onnx", () => new OnnxKind()),
    ]);

    /// <summary>The ending of the kind's files.</summary>
    public string Extension => _kind.Extension;

    /// <summary>An input's bytes.</summary>
    /// <param name="index">Its index.</param>
    public byte[] Input(long index) => _kind.Input(_seed, index);

    /// <summary>Gives an input to its reader.</summary>
    /// <param name="index">Its index.</param>
    /// <returns>What is wrong, or null where the input passes.</returns>
    public FuzzFinding? Try(long index)
    {
        byte[] input = Input(index);
        (string? fault, TimeSpan time, long bytes) = Once(input, index < _kind.Seeds.Count, count: true);
        // The load of a machine or a collection of garbage may lengthen one try, not all.
        for (int more = 0; more < 2 && time > _limits.Processor; more++)
        {
            (string? again, TimeSpan shorter, _) = Once(input, false, count: false);
            (fault, time) = (fault ?? again, shorter < time ? shorter : time);
        }
        if (time > Longest) Longest = time;
        if (bytes > Largest) Largest = bytes;
        if (fault is null && time > _limits.Processor) fault = FormattableString.Invariant($"takes {time.TotalSeconds:F1} s");
        if (fault is null && bytes > _limits.Bytes) fault = FormattableString.Invariant($"takes {bytes >> 20} MB");
        return fault is null ? null : new FuzzFinding(_kind.Name, _seed, index, fault);
    }

    /// <summary>What is wrong with the first inputs of a kind, or null. Some must have been read and some refused, or the damage is not what it is meant to be.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="inputs">How many.</param>
    public static string? FirstFault(string kind, int inputs)
    {
        using var fuzzer = new Fuzzer(kind, seed: 1, FuzzLimits.BesideOthers);
        for (int index = 0; index < inputs; index++)
            if (fuzzer.Try(index) is { } finding) return finding.ToString();
        return fuzzer.Read >= inputs / 50 && fuzzer.Refused > inputs / 10 ? null : FormattableString.Invariant($"{fuzzer.Read} read, {fuzzer.Refused} refused");
    }

    /// <summary>Removes what the kind wrote.</summary>
    public void Dispose() => _kind.Dispose();

    private (string? Fault, TimeSpan Time, long Bytes) Once(byte[] input, bool isSeed, bool count)
    {
        string? fault = null;
        long resident = _limits.OwnProcess ? ProcessMemory.BeginPeak() : 0, allocated = GC.GetAllocatedBytesForCurrentThread(), began = Stopwatch.GetTimestamp();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        try
        {
            _kind.Read(input);
            if (count) Read++;
        }
        catch (Exception error) when (_kind.Documents(error))
        {
            if (count) Refused++;
            if (isSeed) fault = $"a valid file was refused: {error.Message}";
            else if (error.Message.Length is 0 or > 1000 || error.Message.AsSpan().ContainsAnyInRange('\0', '\x1f') || FrameworkWords().IsMatch(error.Message))
                fault = $"not one line of plain words: {Shown(error.Message)}";
        }
#pragma warning disable CA1031 // Every other exception is a finding.
        catch (Exception error)
#pragma warning restore CA1031
        {
            fault = $"{error.GetType().Name}: {Shown(error.Message)} {Place(error)}";
        }
        TimeSpan wall = Stopwatch.GetElapsedTime(began), used = Environment.CpuUsage.TotalTime - processor;
        long bytes = Math.Max(GC.GetAllocatedBytesForCurrentThread() - allocated, _limits.OwnProcess ? ProcessMemory.Peak() - resident : 0);
        // One thread reads; the process may have others, whose time is not the input's.
        return (fault, wall < used ? wall : used, bytes);
    }

    private static string Shown(string text) => new([.. text.Take(200).Select(letter => char.IsControl(letter) ? '?' : letter)]);

    // The project's own line that is nearest to the failure.
    private static string Place(Exception error) => error.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("IlgpuSpp.", StringComparison.Ordinal))?.Trim() ?? "";

    [GeneratedRegex(@"System\.|Nullable|Utf8JsonReader|XmlReaderSettings|BadDataFound|Parameter '|LineNumber:")]
    private static partial Regex FrameworkWords();

    /// <summary>The memory of this process. Only Linux tells the peak of a stretch; elsewhere what the runtime was asked for must do.</summary>
    private static class ProcessMemory
    {
        private static readonly bool CanReset = OperatingSystem.IsLinux() && TryReset();

        /// <summary>Begins a stretch.</summary>
        /// <returns>The resident bytes at its beginning.</returns>
        public static long BeginPeak() => CanReset && TryReset() ? Status("VmRSS:") : 0;

        /// <summary>The most resident bytes since the stretch began; 0 where that is not known.</summary>
        public static long Peak() => CanReset ? Status("VmHWM:") : 0;

        private static bool TryReset()
        {
            try
            {
                File.WriteAllText("/proc/self/clear_refs", "5");
                return true;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }

        private static long Status(string name)
        {
            Span<byte> buffer = stackalloc byte[4096];
            using var file = File.OpenHandle("/proc/self/status");
            ReadOnlySpan<byte> text = buffer[..RandomAccess.Read(file, buffer, 0)];
            text = text[(text.IndexOf(Encoding.ASCII.GetBytes(name)) + name.Length)..];
            text = text[..text.IndexOf((byte)'k')].Trim((ReadOnlySpan<byte>)" \t"u8);
            return long.Parse(text, CultureInfo.InvariantCulture) << 10;
        }
    }
}
