using System.Collections.Immutable;

namespace IlgpuSpp.Cli.Commands;

/// <summary>The options that say what a network sees of an image.</summary>
internal sealed class ViewSelection
{
    public const string Names = "crop | full | full+flip | ten | ten-maps | multi | multi+full | multi-crops";

    private readonly Option<string?> _scales = new("--scales") { Description = "Smaller sides that images are resized to for multi; by default 224,256,300,360,448,560 by the network's crop over 224.", HelpName = "list" };
    private readonly Option<WindowRule> _rule = new("--window-rule") { Description = "Which responses of the map belong to a view of multi: paper | release", HelpName = "name", CustomParser = Kebab.Parse<WindowRule> };

    public void AddTo(Command command)
    {
        command.Add(_scales);
        command.Add(_rule);
    }

    /// <summary>The views of a comma-separated list of names.</summary>
    /// <exception cref="UsageException">A name is unknown, or --scales has nothing to belong to.</exception>
    public IReadOnlyList<IEvaluationView> Parse(ParseResult parsed, string names)
    {
        string[] parts = names.Split(',', StringSplitOptions.TrimEntries);
        if (parsed.GetValue(_scales) is not null && !parts.Any(part => part.StartsWith("multi", StringComparison.Ordinal)))
            throw new UsageException("--scales belongs to the views multi, multi+full and multi-crops.");
        return [.. parts.Select(part => View(parsed, part))];
    }

    private IEvaluationView View(ParseResult parsed, string name)
    {
        var options = new MultiViewOptions
        {
            Scales = parsed.GetValue(_scales) is { } list ? [.. ImageSize.ParseSides(list, "--scales")] : null,
            Rule = parsed.GetValue(_rule),
        };
        return name switch
        {
            "crop" => new CentreCropView(),
            "full" => new FullImageView(),
            "full+flip" => Averaged(new MultiView(options with { Scales = ImmutableArray<int>.Empty, FullImage = true })),
            "ten" => Averaged(new TenView()),
            "ten-maps" => Averaged(new MultiView(options with { Places = ViewPlaces.Ten })),
            "multi" => Averaged(new MultiView(options)),
            "multi+full" => Averaged(new MultiView(options with { FullImage = true })),
            "multi-crops" => Averaged(new MultiView(options with { AsCrops = true })),
            _ => throw new UsageException($"--views knows {Names.Replace(" | ", ", ", StringComparison.Ordinal)}, not '{name}'."),
        };

        static AveragedEvaluation Averaged(AveragedViews views) => new(views);
    }
}
