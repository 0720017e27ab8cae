using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using IlgpuSpp.Data;
using IlgpuSpp.Processes;

namespace IlgpuSpp.Samples.Tests;

/// <summary>Runs each sample as a newcomer would.</summary>
public sealed class SampleTests : FolderTest
{
    [Fact]
    public void TrainOnAFolder_ThenPredictInThreads()
    {
        ShapesDataset.Write(_folder["shapes"], new ShapesOptions { TrainImages = 200, ValidationImages = 20, MinSide = 48, MaxSide = 96 });
        string photos = _folder["shapes/train"];
        ProgramRun train = ProgramRun.Of("IlgpuSpp.TrainOnFolder.dll", _folder.Root, photos, "run", "2");
        Assert.True(train.ExitCode == 0, train.Error);
        Assert.Contains("epoch 1 at 96 px", train.Output, StringComparison.Ordinal);
        Assert.Contains("epoch 2 at 80 px", train.Output, StringComparison.Ordinal);

        ProgramRun predict = ProgramRun.Of("IlgpuSpp.PredictInThreads.dll", _folder.Root, "run/best.safetensors", _folder["shapes/val"]);
        Assert.True(predict.ExitCode == 0, predict.Error);
        Assert.Contains("20 images named", predict.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void TrainOnAnArchive()
    {
        ShapesDataset.Write(_folder["shapes"], new ShapesOptions { TrainImages = 60, ValidationImages = 20, MinSide = 48, MaxSide = 64 });
        Directory.Move(_folder["shapes/val"], _folder["shapes/test"]);
        ZipFile.CreateFromDirectory(_folder["shapes"], _folder["shapes.zip"]);
        ProgramRun train = ProgramRun.Of("IlgpuSpp.TrainOnArchive.dll", _folder.Root, "shapes.zip", "run", "1");
        Assert.True(train.ExitCode == 0, train.Error);
        // Two images of each of ten classes are kept for the end; an epoch does not teach them.
        Assert.Equal(10, Regex.Count(train.Output, @": \d of 2 right"));
        Assert.Matches(@"test/\S+ was taken for \S+,", train.Output);
        Assert.True(File.Exists(_folder["run/best.safetensors"]));
    }

    [Fact]
    public void CustomLayer_ItsGradientAgreesWithFiniteDifferences()
    {
        ProgramRun run = ProgramRun.Of("IlgpuSpp.CustomLayer.dll", _folder.Root);
        Assert.True(run.ExitCode == 0, run.Error);
        string line = run.Output.Split('\n')[0];
        double error = double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
        Assert.InRange(error, 0, 5e-3);
        Assert.Contains("SpatialPyramidPool {1,2,4}", run.Output, StringComparison.Ordinal);
        Assert.Contains("loaded: Conv2d 3x3/1, Swish,", run.Output, StringComparison.Ordinal);
        // The file's nodes are those that the layer gave.
        string onnx = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(_folder["swish.onnx"]));
        Assert.Contains("1.gate\"\u0007Sigmoid", onnx, StringComparison.Ordinal);
        Assert.Contains("\"\u0003Mul", onnx, StringComparison.Ordinal);
    }
}
