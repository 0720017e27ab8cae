using System.Collections.Immutable;
using IlgpuSpp.Cli.Commands;
using IlgpuSpp.Cli.Training;

namespace IlgpuSpp.Cli.Detection;

/// <summary>The options of <c>detect train</c> that say how a detector learns.</summary>
internal sealed class DetectorArguments
{
    private const int DrawnPairs = 1000;

    private readonly RecipeSelection _recipe = new();
    private readonly Option<string> _method = new("--method") { Description = "Where windows get their features: spp, pooled from the image's maps | rcnn, each warped to the network's crop and taken through the convolutions by itself", DefaultValueFactory = _ => "spp", HelpName = "name" };
    private readonly Option<string?> _scales = new("--scales") { Description = "Lengths of the images' shorter side, e.g. 480,576,688,864,1200; without it these in proportion to the network's crop, or the middle one alone behind a new head.", HelpName = "list" };
    private readonly Option<string?> _at = new("--at") { Description = "Last layer of --from that is kept, one of its outermost chain, such as layer3_1 for maps with a stride of 16 pixels; without it the one in front of its pooling. It, --levels and --hidden ask for a new head.", HelpName = "layer" };
    private readonly Option<string?> _levels = new("--levels") { Description = "Pyramid of a new head; without it 6,3,2,1.", HelpName = "list" };
    private readonly Option<int?> _hidden = new("--hidden") { Description = "Units of a hidden layer in a new head; 0 for none; without it 512.", HelpName = "n" };
    private readonly Option<WindowRule?> _windowRule = new("--window-rule") { Description = "Which responses of a map belong to a window: paper (centres inside it) | release (also those up to 1.5 of 16 pixels outside); without it release.", HelpName = "name", CustomParser = Kebab.ParseOptional<WindowRule> };
    private readonly Option<ScaleRule?> _scaleRule = new("--scale-rule") { Description = "The scale of a window: area (the paper's, its area closest to 224² for a crop of 224 pixels) | side (the release's, its side closest to 208); without it area.", HelpName = "name", CustomParser = Kebab.ParseOptional<ScaleRule> };
    private readonly Option<ScaleCombination?> _combination = new("--combine-scales") { Description = "best, a window is pooled at one scale | max, at all, with the largest of each value; without it best.", HelpName = "name", CustomParser = Kebab.ParseOptional<ScaleCombination> };
    private readonly Option<bool> _endToEnd = new("--end-to-end") { Description = "Train the convolutions too, with a layer that moves boxes (Fast R-CNN); scores with softmax." };
    private readonly Option<double?> _epochs = new("--epochs") { Description = "With --end-to-end: how often every image is seen, instead of --iterations.", HelpName = "n" };
    private readonly Option<bool> _recompute = new("--recompute") { Description = "With --end-to-end: compute the maps in front of the pyramid again on the way back; less memory for about a third more time, the same weights." };
    private readonly Option<string?> _frozen = new("--freeze-through") { Description = "With --end-to-end: the last layer that stays as it is, such as conv1, or none; without it the first convolution.", HelpName = "layer" };
    private readonly Option<int?> _iterations = new("--iterations") { Description = "Updates of fine-tuning; 0 leaves the network as it is.", HelpName = "n" };
    private readonly Option<double?> _rate = new("--lr") { Description = "Learning rate of fine-tuning.", HelpName = "rate" };
    private readonly Option<bool> _still = new("--no-flips") { Description = "Do not train the network on mirrored images." };
    private readonly Option<string?> _trainScale = new("--train-scale") { Description = "Scale of a window while the network learns: random | best", HelpName = "name" };
    private readonly Option<string?> _scores = new("--scores") { Description = "What scores windows: svm | softmax; svm without --end-to-end.", HelpName = "name" };
    private readonly Option<string?> _svmLayer = new("--svm-layer") { Description = $"The layer whose responses the support vector machines read: a fully connected one behind the pyramid such as fc6, or {SvmLayers.Pooled}, the pooled windows; without it what the last layer reads.", HelpName = "layer" };
    private readonly Option<ulong> _seed = new("--seed") { Description = "Seed of everything drawn at random.", DefaultValueFactory = _ => 1UL, HelpName = "n" };
    private readonly Option<bool> _plain = new("--no-box-regression") { Description = "Leave boxes as they are proposed." };

    private readonly Option<double?> _boxLambda = new("--box-lambda") { Description = "Penalty of the box regression; without it the release's 4000 (R-CNN's is 1000).", HelpName = "lambda" };
    private readonly Option<double?> _boxOverlap = new("--box-overlap") { Description = "Windows that overlap their object by more than this teach boxes to move; without it 0.5 (R-CNN's is 0.6).", HelpName = "IoU" };
    private readonly Option<int?> _boxPairs = new("--box-pairs") { Description = "Most windows of a class that teach boxes to move, 0 for all; without it all, of drawn scenes 1000.", HelpName = "n" };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_recipe.Option, _method, _scales, _windowRule, _scaleRule, _combination, _at, _levels, _hidden, _endToEnd, _epochs, _frozen, _recompute, _iterations, _rate, _still, _trainScale, _scores, _svmLayer, _seed, _plain, _boxLambda, _boxOverlap, _boxPairs]) command.Add(option);
    }

    public ulong Seed(ParseResult parsed) => parsed.GetValue(_seed);

    public bool IsEndToEnd(ParseResult parsed) => parsed.GetValue(_endToEnd);

    /// <summary>What the command line says by itself, so that mistakes are told before anything is trained.</summary>
    /// <exception cref="UsageException">Something cannot be read or does not go together.</exception>
    public DetectorOptions Asked(ParseResult parsed)
    {
        bool endToEnd = parsed.GetValue(_endToEnd);
        if (endToEnd && _recipe.Source(parsed) is not null) throw new UsageException("--recipe trains behind the pyramid as its source does; --end-to-end goes beyond both, leave one of them out.");
        WindowMethod method = parsed.GetValue(_method) switch
        {
            "spp" => WindowMethod.Spp,
            "rcnn" => WindowMethod.Rcnn,
            var other => throw new UsageException($"--method is spp or rcnn, not '{other}'."),
        };
        if (method == WindowMethod.Rcnn && parsed.GetValue(_scales) is not null) throw new UsageException("--scales is for --method spp: R-CNN's crops have one size.");
        if (method == WindowMethod.Rcnn && Array.Find([_windowRule, _scaleRule, (Option)_combination], option => parsed.GetResult(option) is { Implicit: false }) is { } pooling)
            throw new UsageException($"{pooling.Name} is for --method spp: R-CNN's windows are crops of one size.");
        if (endToEnd && parsed.GetValue(_combination) == ScaleCombination.Max) throw new UsageException("--end-to-end trains windows at one scale each; leave --combine-scales out.");
        if (method == WindowMethod.Rcnn && endToEnd) throw new UsageException("--end-to-end trains through the pooling of windows, which --method rcnn does not have.");
        if (!endToEnd && (parsed.GetValue(_epochs) is not null || parsed.GetValue(_frozen) is not null || parsed.GetValue(_recompute))) throw new UsageException("--epochs, --freeze-through and --recompute belong to --end-to-end.");
        if (parsed.GetValue(_epochs) is not null && parsed.GetValue(_iterations) is not null) throw new UsageException("--epochs and --iterations say the same; give one of them.");
        if (parsed.GetValue(_iterations) is { } updates && updates < (endToEnd ? 1 : 0)) throw new UsageException($"--iterations must be at least {(endToEnd ? 1 : 0)}, not {updates}.");
        if (parsed.GetValue(_rate) is { } rate && !(rate > 0 && double.IsFinite(rate))) throw new UsageException("--lr must be above 0.");
        if (parsed.GetValue(_epochs) is <= 0 or > 100_000) throw new UsageException("--epochs must be above 0 and at most 100000.");
        var options = new DetectorOptions
        {
            Features = new WindowFeatureOptions { Method = method },
            Seed = Seed(parsed),
            Scoring = DetectorSelection.ParseScoring(parsed.GetValue(_scores)) ?? (endToEnd ? WindowScoring.Softmax : WindowScoring.Svm),
            SvmLayer = parsed.GetValue(_svmLayer),
        };
        if (endToEnd && options is { SvmLayer: not null, Scoring: WindowScoring.Softmax }) throw new UsageException("--svm-layer is for support vector machines, which --end-to-end trains with --scores svm.");
        WindowFeatureOptions features = options.Features;
        options = options with
        {
            Features = features with
            {
                Rule = parsed.GetValue(_windowRule) ?? features.Rule,
                ScaleRule = parsed.GetValue(_scaleRule) ?? features.ScaleRule,
                Combination = parsed.GetValue(_combination) ?? features.Combination,
            },
        };
        if (parsed.GetValue(_scales) is { } scales) options = options with { Features = options.Features with { Scales = Scales(scales) } };
        return options with
        {
            Boxes = options.Boxes with
            {
                Enabled = !parsed.GetValue(_plain),
                Lambda = parsed.GetValue(_boxLambda) ?? options.Boxes.Lambda,
                Overlap = parsed.GetValue(_boxOverlap) ?? options.Boxes.Overlap,
                MostPairs = parsed.GetValue(_boxPairs) ?? options.Boxes.MostPairs,
            },
            FineTuning = options.FineTuning with
            {
                Flips = !parsed.GetValue(_still),
                Scale = parsed.GetValue(_trainScale) switch
                {
                    null or "random" => TrainingScale.Random,
                    "best" => TrainingScale.Best,
                    var other => throw new UsageException($"--train-scale is random or best, not '{other}'."),
                },
            },
        };
    }

    /// <summary>The head that is asked for in place of the network's end; null for none.</summary>
    /// <exception cref="UsageException">It cannot be.</exception>
    public NewHead? Head(ParseResult parsed)
    {
        (string? at, string? levels, int? hidden) = (parsed.GetValue(_at), parsed.GetValue(_levels), HiddenOption.Read(parsed, _hidden));
        if (at is null && levels is null && hidden is null) return null;
        NewHead head = StartingNetwork.DefaultHead with { At = at };
        if (levels is not null) head = head with { Levels = LevelList.Parse(levels) };
        if (head.Levels is { Length: 0 }) throw new UsageException("--levels needs at least one level: windows are pooled by the pyramid.");
        return head with { Hidden = hidden ?? head.Hidden };
    }

    /// <summary>The options with what follows from the network and the data where the command line is silent.</summary>
    public DetectorOptions For(ParseResult parsed, DetectorOptions asked, StartingNetwork network, int images, bool drawn)
    {
        TrainedModel classifier = network.Classifier;
        // The drawn scenes are for a first look within minutes.
        if (drawn && parsed.GetValue(_boxPairs) is null) asked = asked with { Boxes = asked.Boxes with { MostPairs = DrawnPairs } };
        // Networks that begin anew behind the pyramid are deep: each scale costs a pass.
        WindowFeatureOptions features = asked.Features.Method == WindowMethod.Rcnn
            ? WindowFeatureOptions.ForRcnn(classifier.InputSize)
            : WindowFeatureOptions.For(classifier.InputSize, network.HasNewHead ? 1 : 5) with { Rule = asked.Features.Rule, ScaleRule = asked.Features.ScaleRule, Combination = asked.Features.Combination };
        if (parsed.GetValue(_scales) is not null) features = features with { Scales = asked.Features.Scales };
        // Behind batch normalisation layers take a larger learning rate.
        double usual = classifier.Model.Network.Root.SelfAndDescendants().Any(layer => layer is BatchNorm) ? TrainDefaults.LearningRate : asked.FineTuning.LearningRate;
        DetectorOptions options = asked with
        {
            Features = features,
            FineTuning = asked.FineTuning with { Iterations = parsed.GetValue(_iterations) ?? asked.FineTuning.Iterations, LearningRate = parsed.GetValue(_rate) ?? usual },
        };
        if (!parsed.GetValue(_endToEnd)) return options;

        // The network's softmax and its box layer do the work of the machines and the regression, unless machines are asked for.
        FineTuningOptions shared = options.FineTuning;
        var endToEnd = new EndToEndOptions { LearningRate = shared.LearningRate, Flips = shared.Flips, Scale = shared.Scale, FrozenThrough = parsed.GetValue(_frozen), Recompute = parsed.GetValue(_recompute), BoxWeight = options.Boxes.Enabled ? 1 : 0, StemRate = network.HasNewHead ? TrainDefaults.FineTuningShare : 1 };
        int updates = parsed.GetValue(_epochs) is { } times ? Math.Max(1, (int)Math.Round(times * images / endToEnd.ImagesPerBatch)) : parsed.GetValue(_iterations) ?? endToEnd.Iterations;
        return options with { EndToEnd = endToEnd with { Iterations = updates }, Svm = options.Svm with { Enabled = options.Scoring == WindowScoring.Svm } };
    }

    /// <summary>The options with the values of the recipe that is asked for, and what is said of it.</summary>
    public (DetectorOptions Options, IReadOnlyList<string> Lines) Followed(ParseResult parsed, DetectorOptions own, int crop)
    {
        if (_recipe.Source(parsed) is not { } source) return (own, []);
        return _recipe.Apply(parsed, own, Recipe.Detection(source, crop),
        [
            new(_method, o => o.Features.Method == WindowMethod.Spp ? "pooled from maps" : "R-CNN's crops", (o, _) => o),
            Pooling(_scales, o => $"scales {string.Join(", ", o.Features.Scales)}", (o, r) => o with { Scales = r.Scales }),
            Pooling(_windowRule, o => $"window rule {Kebab.Of(o.Features.Rule)}", (o, r) => o with { Rule = r.Rule }),
            Pooling(_scaleRule, o => $"scale rule {Kebab.Of(o.Features.ScaleRule)}", (o, r) => o with { ScaleRule = r.ScaleRule }),
            Pooling(_combination, o => $"{Kebab.Of(o.Features.Combination)} scale", (o, r) => o with { Combination = r.Combination }),
            Tuning(_iterations, o => FormattableString.Invariant($"{o.Iterations} updates"), (o, r) => o with { Iterations = r.Iterations }),
            Tuning(_rate, o => string.Join(", ", Rates(o)), (o, r) => o with { LearningRate = r.LearningRate, DropAfter = r.DropAfter, DropAgainAfter = r.DropAgainAfter }),
            Tuning(null, o => FormattableString.Invariant($"batch {o.BatchSize}"), (o, r) => o with { BatchSize = r.BatchSize, Momentum = r.Momentum, WeightDecay = r.WeightDecay }),
            Tuning(null, o => FormattableString.Invariant($"{100 * o.ForegroundShare} % objects from IoU {o.ForegroundOverlap}, background {o.BackgroundOverlap} to {o.ForegroundOverlap}"), (o, r) => o with { ForegroundShare = r.ForegroundShare, ForegroundOverlap = r.ForegroundOverlap, BackgroundOverlap = r.BackgroundOverlap }),
            Tuning(_still, o => o.Flips ? "flips" : "no flips", (o, r) => o with { Flips = r.Flips }),
            Tuning(_trainScale, o => $"{Kebab.Of(o.Scale)} scale in training", (o, r) => o with { Scale = r.Scale }),
            new(_scores, o => $"scores of {Kebab.Of(o.Scoring)}", (o, r) => o with { Scoring = r.Scoring }),
            new(_svmLayer, o => o.SvmLayer is { } layer ? $"SVMs on {layer}" : "SVMs on what the last layer reads", (o, r) => o with { SvmLayer = r.SvmLayer }),
            new(null, o => FormattableString.Invariant($"SVMs of C {o.Svm.Cost}, objects {o.Svm.PositiveWeight} times, bias {o.Svm.BiasFeature}, negatives below {o.Svm.NegativeOverlap} and {(o.Svm.DuplicateOverlap < 1 ? FormattableString.Invariant($"at most {o.Svm.DuplicateOverlap} of another") : "on responses of their own")}"), (o, r) => o with { Svm = r.Svm with { Enabled = o.Svm.Enabled } }),
            new(_plain, o => o.Boxes.Enabled ? "box regression" : "boxes as proposed", (o, r) => o with { Boxes = o.Boxes with { Enabled = r.Boxes.Enabled }, BoxSides = r.BoxSides }),
            new(_boxLambda, o => FormattableString.Invariant($"lambda {o.Boxes.Lambda}"), (o, r) => o with { Boxes = o.Boxes with { Lambda = r.Boxes.Lambda } }),
            new(_boxOverlap, o => FormattableString.Invariant($"windows over IoU {o.Boxes.Overlap}"), (o, r) => o with { Boxes = o.Boxes with { Overlap = r.Boxes.Overlap } }),
            new(_boxPairs, o => o.Boxes.MostPairs == 0 ? "all of them" : FormattableString.Invariant($"at most {o.Boxes.MostPairs} of them"), (o, r) => o with { Boxes = o.Boxes with { MostPairs = r.Boxes.MostPairs } }),
        ]);

        static RecipeValue<DetectorOptions> Pooling(Option option, Func<DetectorOptions, string> text, Func<WindowFeatureOptions, WindowFeatureOptions, WindowFeatureOptions> take) =>
            new(option, text, (o, r) => o.Features.Method == WindowMethod.Spp ? o with { Features = take(o.Features, r.Features) } : o);

        static RecipeValue<DetectorOptions> Tuning(Option? option, Func<FineTuningOptions, string> text, Func<FineTuningOptions, FineTuningOptions, FineTuningOptions> take) =>
            new(option, o => text(o.FineTuning), (o, r) => o with { FineTuning = take(o.FineTuning, r.FineTuning) });
    }

    private static IEnumerable<string> Rates(FineTuningOptions tuning)
    {
        yield return FormattableString.Invariant($"rate {tuning.LearningRate}");
        if (tuning.DropAfter < 1) yield return FormattableString.Invariant($"{tuning.LearningRate / 10} after {Math.Round(tuning.DropAfter * tuning.Iterations)}");
        if (tuning.DropAgainAfter < 1) yield return FormattableString.Invariant($"{tuning.LearningRate / 100} after {Math.Round(tuning.DropAgainAfter * tuning.Iterations)}");
    }

    private static ImmutableArray<int> Scales(string list) => [.. ImageSize.ParseSides(list, "--scales").Order().Distinct()];
}
