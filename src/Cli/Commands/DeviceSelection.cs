using IlgpuSpp.Distributed;

namespace IlgpuSpp.Cli.Commands;

/// <summary>The options of every command that computes: which device, how many threads, which precision.</summary>
internal sealed class DeviceSelection
{
    private const int MostThreads = 1024;

    private readonly Option<string> _device = new("--device")
    {
        Description = "auto | cpu | cuda[:n] | opencl[:n], with :local in the place of a number the card of the process among those of its machine; for tests any-opencl[:n] (OpenCL devices that do not report what is needed, such as PoCL) | ilgpu-cpu (a simulator)",
        DefaultValueFactory = _ => "auto",
        HelpName = "name",
    };

    private readonly Option<int> _threads = new("--threads") { Description = "Worker threads of the cpu device; 0 means one for each processor.", HelpName = "n" };

    private readonly Option<Precision> _precision = new("--precision") { Description = "fp32 | tf32 | bf16; auto is tf32 on cards that have it and fp32 elsewhere.", HelpName = "format", CustomParser = Kebab.Parse<Precision> };

    private readonly Option<bool> _exact = new("--deterministic-exact") { Description = "The same bits on every x86-64 processor, with any vector width: convolutions as plain sums of products, every product rounded before it is added (cpu device; slower)." };

    public DeviceSelection()
    {
        _device.Validators.Add(result =>
        {
            if (result.Tokens is [var word] && !Device.IsName(word.Value) && LocalKind(word.Value) is null)
                result.AddError($"--device takes auto, cpu, cuda, opencl, any-opencl or ilgpu-cpu, the middle three also with a number such as cuda:1, not '{word.Value}'{Spelling.Suggestion(word.Value, ["auto", "cpu", "cuda", "opencl", "any-opencl", "ilgpu-cpu"])}");
        });
        _threads.Validators.Add(result =>
        {
            if (result.Tokens is [var number] && int.TryParse(number.Value, out int threads) && threads is < 0 or > MostThreads) result.AddError($"--threads must be between 0 and {MostThreads}, not {number.Value}.");
        });
    }

    private static string? LocalKind(string name) => name is "cuda:local" or "opencl:local" ? name[..name.IndexOf(':', StringComparison.Ordinal)] : null;

    public void AddTo(Command command)
    {
        command.Add(_device);
        command.Add(_threads);
        command.Add(_precision);
        command.Add(_exact);
        command.Validators.Add(given =>
        {
            // A device that was not named has no value here yet.
            if (given.GetValue(_exact) && given.GetValue(_device) is { } device and not ("auto" or "cpu")) given.AddError($"{_exact.Name} is for the cpu device alone, not for {device}.");
        });
    }

    public int Threads(ParseResult parsed) => parsed.GetValue(_threads) == 0 ? Environment.ProcessorCount : parsed.GetValue(_threads);

    /// <summary>Opens the device.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="exact">Whether a run that goes on was started with <c>--deterministic-exact</c>.</param>
    /// <param name="ranks">The processes that share the machine's processors and cards; null for this one alone.</param>
    public Backend Open(ParseResult parsed, bool exact = false, ICollective? ranks = null)
    {
        string name = parsed.GetValue(_device)!;
        if (LocalKind(name) is { } kind) name = $"{kind}:{ranks?.LocalRank ?? 0}";
        int threads = parsed.GetValue(_threads);
        if (threads == 0 && ranks?.LocalSize > 1) threads = Math.Max(1, Environment.ProcessorCount / ranks.LocalSize);
        exact |= parsed.GetValue(_exact);
        return Device.Open(name, new DeviceOptions
        {
            Threads = threads,
            Precision = parsed.GetValue(_precision),
            ExactConvolution = exact,
            DeterministicExact = exact,
        });
    }
}
