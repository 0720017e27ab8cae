namespace IlgpuSpp.Cli.Commands;

/// <summary><c>models export</c>: a model file, or an untrained network, becomes an ONNX file for other runtimes.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var modelPath = new Option<string>("--model") { Description = "The model, e.g. best.safetensors of a run, or a network of 'ilgpuspp models' with weights drawn at random, to time it or train it elsewhere.", Required = true, HelpName = "FILE|name" };
        var output = new Option<string>("--out") { Description = "The ONNX file to write.", Required = true, HelpName = "FILE" };
        var size = new Option<string?>("--size") { Description = "Input size: 224 or WIDTHxHEIGHT; by default the one that the model was trained at.", HelpName = "pixels" };
        var dynamic = new Option<bool>("--dynamic") { Description = "For images of any size; needs a runtime that computes shapes, such as ONNX Runtime." };
        var softmax = new Option<bool>("--softmax") { Description = "End in probabilities instead of scores." };
        var at = new Option<string?>("--at") { Description = "End with this layer's response, for features elsewhere: a name that 'ilgpuspp models NETWORK' shows, such as conv5.", HelpName = "LAYER" };
        var pretrained = new PretrainedSelection();
        var command = new Command("export", "Write a model as ONNX.") { modelPath, output, size, dynamic, softmax, at };
        pretrained.AddTo(command);
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            if (parsed.GetValue(dynamic) && parsed.GetValue(size) is not null) throw new UsageException("--dynamic and --size exclude each other.");
            if (parsed.GetValue(softmax) && parsed.GetValue(at) is not null) throw new UsageException("--at and --softmax exclude each other: a layer's response has no softmax.");
            OutputPlace.CheckFile("--out", parsed.GetValue(output));
            string name = parsed.GetValue(modelPath)!;
            bool untrained = !File.Exists(name) && Zoo.Contains(name);
            string? weights = untrained ? null : pretrained.FileOf(parsed, name, interrupt);
            using Backend backend = Device.Open("cpu");
            using Model model = weights is null ? Zoo.Create(name, new ModelOptions(), backend, seed: 1) : ModelFile.Load(weights, backend);
            var options = new OnnxExportOptions { Softmax = parsed.GetValue(softmax), At = parsed.GetValue(at) };
            if (!parsed.GetValue(dynamic))
            {
                (int width, int height) = parsed.GetValue(size) is { } given ? ImageSize.Parse(given) : untrained ? (Zoo.Find(name).Size, Zoo.Find(name).Size) : TrainedSize(model);
                options = options with { Height = height, Width = width };
            }
            OnnxExport.Write(parsed.GetValue(output)!, model, options);
            string taken = options.Height is null ? "images of any size" : $"{options.Width}x{options.Height} pixels";
            string ending = options.At is { } layer ? $"the response of {layer}" : Counted.Of(model.Classes, options.Softmax ? "probability" : "score");
            Say.Line($"{parsed.GetValue(output)}: {taken}, {ending}{(untrained ? ", weights drawn at random" : "")}");
            return ExitCode.Done;
        });
        return command;
    }

    private static (int Width, int Height) TrainedSize(Model model) => model.Description.Facts.TryGetValue("input.size", out string? side)
        ? ImageSize.Parse(side)
        : throw new UsageException("the model does not say its input size; give --size or --dynamic.");
}
