using System.Globalization;
using IlgpuSpp.Cli.Detection;

namespace IlgpuSpp.Cli.Commands;

/// <summary><c>models compress</c>: fully connected layers of a classifier or detector become two thinner ones, or such of 8-bit numbers.</summary>
internal static class CompressCommand
{
    public static Command Create()
    {
        var modelPath = new Option<string>("--model") { Description = "The classifier or detector.", Required = true, HelpName = "FILE" };
        var compression = new CompressionSelection(search: true);
        var images = new Option<string[]>("--images") { Description = "Photographs, folders or patterns such as the model will meet, some hundred of them: factors are chosen by what the layers answer to them (a detector's to their windows), which loses less than by the weights alone.", AllowMultipleArgumentsPerToken = true, HelpName = "paths" };
        var data = new Option<string?>("--data") { Description = "Labelled images such as the model will meet, by which ranks are found: class folders or a CSV manifest for a classifier, a VOC folder, COCO .json or .csv for a detector; not those to test on afterwards.", HelpName = "DIR|CSV" };
        var loss = new Option<double?>("--max-loss") { Description = "Points of accuracy, or of a detector's 11-point mAP, that may be lost on --data, for ranks that are not given.", HelpName = "points" };
        var output = new Option<string>("--out") { Description = "The file to write.", Required = true, HelpName = "FILE" };
        var device = new DeviceSelection();
        var command = new Command("compress", "Make fully connected layers cheaper by truncated factors and 8-bit numbers, for detection on a processor above all; measure the accuracy again afterwards, or give --data and --max-loss.") { modelPath, images, data, loss, output };
        compression.AddTo(command);
        device.AddTo(command);
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            string path = parsed.GetValue(modelPath)!;
            CompressionPlan plan = compression.Read(parsed);
            if (plan is { Ranks.Count: 0, Int8.Count: 0 }) throw new UsageException("--ranks or --int8 must name a fully connected layer, such as fc6.");
            if (plan.Ranks.Count == 0 && parsed.GetValue(images) is { Length: > 0 }) throw new UsageException("--images chooses the factors of --ranks, which is not given.");
            bool sought = plan.Ranks.Any(layer => layer.Rank == CompressionSelection.Sought);
            if (sought != (parsed.GetValue(data) is not null) || sought != (parsed.GetValue(loss) is not null))
                throw new UsageException("layers of --ranks without a number, such as fc6,fc7, need --data and --max-loss, by which their ranks are found, and these need such layers.");
            if (parsed.GetValue(loss) is { } points && !(points is >= 0 and <= 100)) throw new UsageException("--max-loss takes points from 0 to 100, such as 1.");
            ModelPath.Check(path, "detect run");
            OutputPlace.CheckFile("--out", parsed.GetValue(output));
            using Backend backend = device.Open(parsed);
            using Model model = ModelFile.Load(path, backend);
            IReadOnlyList<NamedTensor> others = ModelFile.ReadOthers(path, model);
            string head = ModelHead.Of(model).Name;
            if (plan.Ranks.Any(layer => layer.Layer == head) && others.Any(tensor => tensor.Name is "svm.weight" or "box_layer.weight"))
                throw new UsageException($"{head} is the last layer of a detector, whose support vector machines or box layer read the same inputs; leave it out of --ranks.");
            CompressionPlan[] ladder = RankSearch.Ladder(model.Network.Root, plan);
            LinearCompression.LayersOf(model.Network.Root, ladder[0]);
            IReadOnlyList<LayerResponses>? responses = parsed.GetValue(images) is { Length: > 0 } photographs
                ? ResponseImages.Collect(path, ImagePaths.Expand(photographs), [.. plan.Ranks.Select(layer => layer.Layer)], backend, interrupt)
                : null;
            try
            {
                if (responses is not null && responses.Any(some => some.Count <= some.Length))
                    Say.Error($"warning: {responses.Min(some => some.Count)} responses are few for layers of up to {responses.Max(some => some.Length)} outputs; give more images.");
                if (sought) plan = new RankSearch(path, parsed.GetValue(output)!, parsed.GetValue(data)!, backend, interrupt).Smallest(parsed.GetValue(loss)!.Value, ladder, Save);
                Save(plan, parsed.GetValue(output)!, new Lines(responses is not null));
            }
            finally
            {
                foreach (LayerResponses some in responses ?? []) some.Dispose();
            }
            ProposalSettings.Copy(path, parsed.GetValue(output)!);
            Say.Line(parsed.GetValue(output)!);
            return ExitCode.Done;

            void Save(CompressionPlan chosen, string file, IProgress<CompressedLayer>? progress)
            {
                using Model compressed = LinearCompression.Compress(model, chosen, responses, progress: progress, cancellation: interrupt);
                ModelFile.Save(file, compressed, others);
            }
        });
        return command;
    }

    private sealed class Lines(bool responses) : IProgress<CompressedLayer>
    {
        public void Report(CompressedLayer layer) => Say.Line(string.Create(CultureInfo.InvariantCulture,
            $"{layer.Layer}: {(layer.Rank > 0 ? $"rank {layer.Rank}, {layer.Before:N0} multiply-adds become {layer.After:N0}, {(responses ? "responses" : "weights")} differ by {100 * layer.RelativeError:0.0} %{(layer.Int8 ? ", 8 bits" : "")}" : $"8 bits, weights differ by {100 * layer.RelativeError:0.0} %")}"));
    }
}
