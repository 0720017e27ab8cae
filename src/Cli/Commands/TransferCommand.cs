namespace IlgpuSpp.Cli.Commands;

/// <summary><c>transfer</c>: the paper's protocols for features on other data, as one table.</summary>
internal static class TransferCommand
{
    public static Command Create()
    {
        var modelPath = new Option<string>("--model") { Description = "The model whose features are judged.", Required = true, HelpName = "FILE|name" };
        var data = new Option<string>("--data") { Description = "Class folders, a CSV manifest, or a folder in VOC's layout (JPEGImages, Annotations, ImageSets); in a .zip or .tar too.", Required = true, HelpName = "DIR|CSV" };
        var outside = new Option<bool>("--allow-outside") { Description = "Let a CSV manifest name images outside its folder." };
        var layers = new Option<string>("--layers") { Description = "Layers such as conv4,conv5,pool6x6,pyramid,fc6; conv5@6 or conv5@1+2+3 pools a map with those levels.", DefaultValueFactory = _ => "pool6x6,pyramid", HelpName = "list" };
        var views = new Option<string>("--views") { Description = "crop, full, warp", DefaultValueFactory = _ => "crop,full,warp", HelpName = "list" };
        var minSide = new Option<string?>("--min-side") { Description = "Shorter side that images are resized to before the crop and for the full view; by default the network's crop. Of a list such as 224,256,320,392 each layer and view gets the side that is best on a fifth of the training images.", HelpName = "pixels" };
        var mean = new MeanSelection();
        var train = new Option<int>("--train") { Description = "Training images a class.", DefaultValueFactory = _ => 30, HelpName = "n" };
        var test = new Option<int>("--test") { Description = "Most test images a class.", DefaultValueFactory = _ => 50, HelpName = "n" };
        var splits = new Option<int>("--splits") { Description = "Random splits that are averaged.", DefaultValueFactory = _ => 10, HelpName = "n" };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the splits.", DefaultValueFactory = _ => 1UL, HelpName = "n" };
        var cost = new Option<double>("--cost") { Description = "Cost C of the support vector machines.", DefaultValueFactory = _ => 1, HelpName = "C" };
        var loss = new Option<SvmLoss>("--loss") { Description = "hinge | squared-hinge; by default hinge", HelpName = "name", CustomParser = Kebab.Parse<SvmLoss> };
        var output = new Option<string?>("--out") { Description = "Folder for transfer.csv and transfer.md.", HelpName = "RUN" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var pretrained = new PretrainedSelection();
        var device = new DeviceSelection();
        var command = new Command("transfer", "Judge a model's features on other data: linear support vector machines on crops, full and warped images.")
            { modelPath, data, outside, layers, views, minSide, train, test, splits, seed, cost, loss, output, json };
        mean.AddTo(command);
        pretrained.AddTo(command);
        device.AddTo(command);
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            if (!(parsed.GetValue(cost) > 0 && double.IsFinite(parsed.GetValue(cost)))) throw new UsageException($"--cost must be above 0, not {parsed.GetValue(cost)}.");
            var options = new TransferOptions
            {
                Layers = [.. parsed.GetValue(layers)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
                Views = [.. parsed.GetValue(views)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(View)],
                AllowOutside = parsed.GetValue(outside),
                MinimumSides = parsed.GetValue(minSide) is { } sides ? [.. ImageSize.ParseSides(sides, "--min-side")] : [],
                Mean = mean.Of(parsed),
                TrainImages = parsed.GetValue(train),
                TestImages = parsed.GetValue(test),
                Splits = parsed.GetValue(splits),
                Seed = parsed.GetValue(seed),
                Svm = new LinearSvmOptions { Cost = parsed.GetValue(cost), Loss = parsed.GetValue(loss), Seed = parsed.GetValue(seed) },
                Threads = device.Threads(parsed),
            };
            OutputPlace.CheckFolder("--out", parsed.GetValue(output));
            string weights = pretrained.FileOf(parsed, parsed.GetValue(modelPath)!, interrupt);
            using var display = new StageDisplay(quiet: false, interrupt);
            using Backend backend = device.Open(parsed);
            using TrainedModel model = TrainedModel.Load(weights, backend);
            TransferTable table = new Transfer(model, options, new WarningLogger(display.Note), new Stages(display)).Run(parsed.GetValue(data)!, interrupt);
            display.Clear();
            if (parsed.GetValue(output) is { } folder)
            {
                Directory.CreateDirectory(folder);
                Write("transfer.csv", table.ToCsv());
                Write("transfer.md", table.ToMarkdown());

                void Write(string name, string text) => AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
            }
            if (parsed.GetValue(json))
                foreach (TransferResult result in table.Results) JsonLine.Write(new TransferAnswer(result.Layer, Kebab.Of(result.View), result.Features, result.Mean, result.Deviation, result.Area, result.Side));
            else
                Console.Write(table.ToMarkdown());
            return ExitCode.Done;
        });
        return command;
    }

    private sealed class Stages(StageDisplay display) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => display.Report(value.Stage, value.Done, value.Total);
    }

    private static FeatureView View(string name) => name switch
    {
        "crop" => FeatureView.Crop,
        "full" => FeatureView.Full,
        "warp" => FeatureView.Warp,
        _ => throw new UsageException($"--views of transfer are crop, full and warp, not '{name}'."),
    };
}
