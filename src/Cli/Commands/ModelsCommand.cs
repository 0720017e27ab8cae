using System.Globalization;

namespace IlgpuSpp.Cli.Commands;

/// <summary><c>models</c>: the zoo, and one network's layers at any size.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("name") { Description = "A network, to see its layers; without one, all networks are listed.", Arity = ArgumentArity.ZeroOrOne };
        var size = new Option<string?>("--size") { Description = "Input size: 224 or WIDTHxHEIGHT.", HelpName = "pixels" };
        var classes = new Option<int>("--classes") { Description = "Number of classes.", DefaultValueFactory = _ => 1000 };
        var levels = new Option<string>("--levels") { Description = "Pyramid levels such as 6,3,2,1, or none.", DefaultValueFactory = _ => "1,2,3,6" };
        Option<double> width = WidthOption.Create();
        var batch = new Option<int>("--batch") { Description = "Images a pass.", DefaultValueFactory = _ => 1 };
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var command = new Command("models", "List the networks, show one network's layers, shapes, parameters and cost at a size, bring trained weights, exchange networks with other programs, or make their fully connected layers cheaper.") { name, size, classes, levels, width, batch, json };
        command.Add(PullCommand.Create());
        command.Add(ImportCommand.Create());
        command.Add(ExportCommand.Create());
        command.Add(CompressCommand.Create());
        CommandAction.Set(command, (parsed, _) =>
        {
            if (parsed.GetValue(classes) < 2) throw new UsageException($"--classes must be at least 2, not {parsed.GetValue(classes)}.");
            var options = new ModelOptions { Classes = parsed.GetValue(classes), Pyramid = LevelList.Parse(parsed.GetValue(levels)!), Width = WidthOption.Read(parsed, width) };
            if (parsed.GetValue(name) is { } wanted) ShowOne(Zoo.Find(wanted), options, parsed.GetValue(size), parsed.GetValue(batch), parsed.GetValue(json));
            else List(options, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static void List(ModelOptions options, bool json)
    {
        if (!json) Say.Line($"{"name",-16} {"size",5} {"smallest",9} {"parameters",14} {"multiply-adds",17}  what");
        foreach (ZooEntry entry in Zoo.Entries)
        {
            Layer layers = Zoo.Build(entry, options);
            LayerSummary summary = layers.Summary(entry.Size, entry.Size);
            int smallest = layers.SmallestInput() ?? entry.Size;
            if (json)
                JsonLine.Write(new NetworkAnswer(entry.Name, entry.Title, entry.Size, smallest, summary.Parameters, summary.MultiplyAdds));
            else
                Say.Line(string.Create(CultureInfo.InvariantCulture, $"{entry.Name,-16} {entry.Size,5} {smallest,9} {summary.Parameters,14:N0} {summary.MultiplyAdds,17:N0}  {entry.Title}"));
        }
    }

    private static void ShowOne(ZooEntry entry, ModelOptions options, string? size, int batch, bool json)
    {
        if (batch < 1) throw new UsageException($"--batch must be at least 1, not {batch}.");
        (int width, int height) = size is null ? (entry.Size, entry.Size) : ImageSize.Parse(size);
        Layer layers = Zoo.Build(entry, options);
        layers.Name = "";
        LayerSummary summary;
        try
        {
            summary = layers.Summary(height, width, batch: batch);
        }
        catch (Exception refused) when (refused is InputTooSmallException or ShapeMismatchException)
        {
            int smallest = layers.SmallestInput() ?? entry.Size;
            throw options.Pyramid.Length > 0
                ? new InputTooSmallException(entry.Name, height, width, smallest, smallest)
                : new UsageException($"{entry.Name} without a pyramid takes {entry.Size}x{entry.Size} images only, not {width}x{height}.");
        }
        if (json)
        {
            foreach (SummaryLine line in summary.Lines)
                JsonLine.Write(new LayerAnswer(line.Name, line.Kind, line.Output.ToArray(), line.Parameters, line.MultiplyAdds, line.Bytes));
            return;
        }
        Say.Line($"{entry.Name}: {entry.Title}");
        Console.Write(summary);
    }
}
