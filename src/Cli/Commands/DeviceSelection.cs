namespace IlgpuSpp.Cli.Commands;

/// <summary>The options of every command that computes: which device, how many threads, which precision.</summary>
internal sealed class DeviceSelection
{
    private readonly Option<string> _device = new("--device")
    {
        Description = "auto | cpu | cuda[:n] | opencl[:n] | ilgpu-cpu",
        DefaultValueFactory = _ => "auto",
        HelpName = "name",
    };

    private readonly Option<int> _threads = new("--threads") { Description = "Worker threads of the cpu device; 0 means one for each processor.", HelpName = "n" };

    private readonly Option<Precision> _precision = new("--precision") { Description = "fp32 | tf32 | bf16; auto is tf32 on cards that have it and fp32 elsewhere.", HelpName = "format", CustomParser = Kebab.Parse<Precision> };

    private readonly Option<bool> _exact = new("--deterministic-exact") { Description = "Convolutions as plain sums of products, without the Winograd transform (slower, rounding errors ten times smaller)." };

    public void AddTo(Command command)
    {
        command.Add(_device);
        command.Add(_threads);
        command.Add(_precision);
        command.Add(_exact);
    }

    public int Threads(ParseResult parsed) => parsed.GetValue(_threads) == 0 ? Environment.ProcessorCount : parsed.GetValue(_threads);

    public Backend Open(ParseResult parsed)
    {
        int threads = parsed.GetValue(_threads);
        if (threads is < 0 or > 1024) throw new UsageException($"--threads must be between 0 and 1024, not {threads}.");
        return Device.Open(parsed.GetValue(_device)!, new DeviceOptions
        {
            Threads = threads,
            Precision = parsed.GetValue(_precision),
            ExactConvolution = parsed.GetValue(_exact),
        });
    }
}
