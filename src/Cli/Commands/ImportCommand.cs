using System.Globalization;

namespace IlgpuSpp.Cli.Commands;

/// <summary><c>models import</c>: networks trained with other programs become model files.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var prototxt = new Option<string?>("--prototxt") { Description = "Caffe: the network's description.", HelpName = "FILE" };
        var caffemodel = new Option<string?>("--caffemodel") { Description = "Caffe: the weights.", HelpName = "FILE" };
        var mean = new Option<string?>("--mean") { Description = "Caffe and ONNX: what is subtracted: one number, or three for red, green, blue (ONNX; by default what the file says, else the colours of ImageNet); for Caffe a .binaryproto file, one number, or three for blue, green, red; by default what the description says, else 128 for the released ZF-5 and 104,117,123.", HelpName = "FILE|values" };
        var onnx = new Option<string?>("--onnx") { Description = "ONNX: the network, of operator sets 7 to 21.", HelpName = "FILE" };
        var fold = new Option<bool>("--fold") { Description = "ONNX: make batch normalisations part of the convolutions in front of them; nothing of them is left to train." };
        var channels = new Option<string?>("--channels") { Description = "ONNX: the order of the network's channels: rgb | bgr; by default what the file says, else rgb.", HelpName = "order" };
        var std = new Option<string?>("--std") { Description = "ONNX: what the difference to the mean is divided by, one number or three for red, green, blue, in the units of pixels.", HelpName = "values" };
        var size = new Option<int?>("--size") { Description = "Caffe and ONNX: side of the input, where the file does not say it.", HelpName = "pixels" };
        var safetensors = new Option<string?>("--safetensors") { Description = "PyTorch: the weights, with the tensor names of torchvision, timm or Hugging Face, behind any prefix.", HelpName = "FILE" };
        var architecture = new Option<string?>("--as") { Description = $"PyTorch: the network: {string.Join(" | ", TorchImport.Architectures)}", HelpName = "name" };
        var levels = new Option<string>("--levels") { Description = "PyTorch: pyramid levels in the place of the last pooling, or none for the published network.", DefaultValueFactory = _ => "none", HelpName = "list" };
        var head = new Option<string?>("--head") { Description = "PyTorch: new, for the convolutions with an untrained classifier of as many classes as --classes names.", HelpName = "new" };
        var classes = new Option<string?>("--classes") { Description = "A text file with the name of one class a line, in the order of the outputs.", HelpName = "FILE" };
        var output = new Option<string>("--out") { Description = "The model file to write.", Required = true, HelpName = "FILE" };
        var command = new Command("import", "Turn a network trained with another program into a model file.") { prototxt, caffemodel, onnx, mean, std, channels, size, fold, safetensors, architecture, levels, head, classes, output };
        CommandAction.Set(command, (parsed, _) =>
        {
            OutputPlace.CheckFile("--out", parsed.GetValue(output));
            string[]? names = parsed.GetValue(classes) is { } file ? ClassNames(file) : null;
            using Backend backend = Device.Open("cpu");
            using TrainedModel model = (parsed.GetValue(prototxt), parsed.GetValue(caffemodel), parsed.GetValue(safetensors), parsed.GetValue(onnx)) switch
            {
                ({ } description, { } weights, null, null) => Caffe(description, weights, parsed.GetValue(mean), parsed.GetValue(size), names, backend),
                (null, null, { } weights, null) => Torch(weights, parsed.GetValue(architecture), parsed.GetValue(levels)!, parsed.GetValue(head), names, backend),
                (null, null, null, { } network) => Onnx(network, new OnnxImportOptions { ClassNames = names, Size = parsed.GetValue(size), FoldBatchNorm = parsed.GetValue(fold) }, parsed.GetValue(mean), parsed.GetValue(std), parsed.GetValue(channels), backend),
                _ => throw new UsageException("name the network: --onnx FILE, --prototxt FILE with --caffemodel FILE, or --safetensors FILE with --as NAME."),
            };
            Save(model, parsed.GetValue(output)!);
            return ExitCode.Done;
        });
        return command;
    }

    private static TrainedModel Caffe(string prototxt, string caffemodel, string? mean, int? size, string[]? names, Backend backend)
    {
        if (size is < 1 or > 4096) throw new UsageException($"--size must be between 1 and 4096, not {size}.");
        CaffeImportResult result = CaffeImport.Read(prototxt, caffemodel, backend, names, size);
        try
        {
            foreach (string end in result.LeftOut) Say.Error($"ilgpuspp: '{end}' is not on the way to the scores and was left out");
            return new TrainedModel(result.Model, Preparation(result, prototxt, mean), Math.Min(result.Input.Height, result.Input.Width));
        }
        catch
        {
            result.Model.Dispose();
            throw;
        }
    }

    private static TrainedModel Torch(string path, string? architecture, string levels, string? head, string[]? names, Backend backend)
    {
        if (architecture is null) throw new UsageException($"--safetensors needs --as: {string.Join(", ", TorchImport.Architectures)}.");
        if (head is not (null or "new")) throw new UsageException($"--head can only be new, not '{head}'.");
        if (head is not null && names is not { Length: >= 2 }) throw new UsageException("--head new needs --classes with at least two names.");
        var options = new TorchImportOptions { Pyramid = LevelList.Parse(levels), NewHeadClasses = head is null ? null : names!.Length, ClassNames = names is null ? [] : [.. names] };
        return new TrainedModel(TorchImport.Read(path, architecture, options, backend), TorchPreparation.ImageNet, TorchPreparation.InputSize);
    }

    private static TrainedModel Onnx(string path, OnnxImportOptions options, string? mean, string? std, string? channels, Backend backend)
    {
        if (options.Size is < 1 or > 4096) throw new UsageException($"--size must be between 1 and 4096, not {options.Size}.");
        if (channels is not (null or "rgb" or "bgr")) throw new UsageException($"--channels is rgb or bgr, not '{channels}'.");
        OnnxImportResult result = OnnxImport.Read(path, backend, options);
        try
        {
            if (mean is null && std is null && channels is null)
            {
                if (OnnxPreparation.Said(result) is { } said) return new TrainedModel(result.Model, said.Preparation, said.InputSize);
                Say.Error($"ilgpuspp: {path} does not say how images are prepared; red, green, blue with the mean and spread of ImageNet are assumed; --mean, --std and --channels change it");
            }
            InputNormalisation usual = TorchPreparation.ImageNet.Normalisation;
            InputPreparation preparation = OnnxPreparation.Of(result, Colour(mean, "--mean") ?? usual.Mean, Colour(std, "--std") ?? (mean is null ? usual.Std : RgbValues.All(1)), channels == "bgr" ? ChannelOrder.Bgr : ChannelOrder.Rgb);
            return new TrainedModel(result.Model, preparation, Math.Min(result.Height, result.Width));
        }
        catch
        {
            result.Model.Dispose();
            throw;
        }
    }

    private static RgbValues? Colour(string? text, string option) => text is null
        ? null
        : Values(text) is { } values ? new RgbValues(values[0], values[1], values[2]) : throw new UsageException($"{option} takes one number or three, not '{text}'.");

    private static InputPreparation Preparation(CaffeImportResult result, string prototxt, string? mean)
    {
        CaffeInput input = result.Input;
        if (mean is not null) return Values(mean) is { } given ? CaffePreparation.Of(input, given) : CaffePreparation.Of(input, CaffeImport.ReadMeanImage(mean));
        if (input.Mean is { } said) return CaffePreparation.Of(input, said);
        if (input.MeanFile is { } file)
        {
            string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(prototxt))!, file);
            string found = Array.Find([beside, file], File.Exists)
                ?? throw new UsageException($"{prototxt} subtracts the mean image {file}, which is not there; name it with --mean FILE, or give a mean colour with --mean B,G,R.");
            return CaffePreparation.Of(input, CaffeImport.ReadMeanImage(found));
        }
        bool released = result.Model.Description.Options.PyramidRule == PyramidRule.ReleasedZf5;
        IReadOnlyList<float> assumed = released ? [128, 128, 128] : CaffePreparation.ImageNetMean;
        Say.Error($"ilgpuspp: {prototxt} names no mean; {string.Join(',', assumed)} (blue, green, red) is subtracted; --mean changes it");
        return CaffePreparation.Of(input, assumed);
    }

    private static float[]? Values(string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        var values = new float[parts.Length];
        for (int i = 0; i < parts.Length; i++)
            if (!float.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out values[i]) || !float.IsFinite(values[i]))
                return null;
        return values switch
        {
            [var one] => [one, one, one],
            [_, _, _] => values,
            _ => throw new UsageException($"--mean takes one number or three, not '{text}'."),
        };
    }

    private static string[] ClassNames(string file)
    {
        string[] names = [.. File.ReadAllLines(file).Select(line => line.Trim()).Where(line => line.Length > 0)];
        return names.Length > 0 ? names : throw new UsageException($"{file} holds no class names.");
    }

    private static void Save(TrainedModel model, string path)
    {
        model.Save(path);
        string pyramid = model.Model.Description.Options.Pyramid is { Length: > 0 } levels ? $"pyramid {string.Join(',', levels)}" : "no pyramid";
        Say.Line(string.Create(CultureInfo.InvariantCulture, $"{path}: {Counted.Of(model.Model.Network.ParameterCount, "parameter")}, {Counted.Of(model.Model.Classes, "class")}, {pyramid}, input {model.InputSize} pixels, channels {model.Preparation.Normalisation.ChannelOrder.ToString().ToUpperInvariant()}"));
    }
}
