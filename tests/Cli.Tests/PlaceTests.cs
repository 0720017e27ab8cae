using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;
using IlgpuSpp.Inference;
using IlgpuSpp.Models;

namespace IlgpuSpp.Cli.Tests;

/// <summary>Where a command is to read and write: refused before any work, with the option and what to do.</summary>
public sealed class PlaceTests : CommandTest
{
    private void Refused(string reason, string line)
    {
        ProgramRun run = Run(line.Split(' '));
        Assert.True((run.ExitCode, run.Output) == (2, ""), $"{line}: exit {run.ExitCode}: {run.Output}{run.Error}");
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Files_in_the_way_of_folders_and_folders_in_the_way_of_files_are_told_at_once()
    {
        _folder.Write("file", [1]);
        Directory.CreateDirectory(_folder["folder"]);
        foreach (string line in (string[])["train --shapes 40 --out", "detect train --shapes 2 --out", "detect test --out", "detect run a.png --out", "transfer --model m.st --data d --out"])
        {
            Refused("--out: file is a file; name a folder.", $"{line} file");
            Refused($"--out: {_folder["file"]} is a file, so that there can be nothing below it; name another place.", $"{line} file/below");
        }
        Refused("--pictures: file is a file; name a folder.", "features a.png --model m.st --layer x --pictures file");
        Refused("--voc: file is a file; name a folder.", "data shapes --voc file");
        Refused("<folder>: file is a file; name a folder.", "data shapes file");
        foreach (string line in (string[])["detect proposals --data d --out", "models import --onnx a --out", "models export --model m.st --out", "models compress --model m.st --ranks a=1 --out", "train --shapes 40 --out new --log"])
        {
            Refused($"folder is a folder; name a file.", $"{line} folder");
            Refused($"{_folder["file"]} is a file, so that there can be nothing below it; name another place.", $"{line} file/below.x");
        }
        Refused($"--out: there is no folder {_folder["none"]}; make it or check the path.", "models export --model m.st --out none/x.onnx");
        Refused("--out: z.txt must end in .csv or .npy, which tells how it is written.", "features a.png --model m.st --layer x --out z.txt");
        Assert.Equal(["file", "folder"], Directory.EnumerateFileSystemEntries(_folder.Root).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_folder_that_may_not_be_written_is_told_at_once()
    {
        // Root may write everywhere but where the kernel itself says no.
        if (!OperatingSystem.IsLinux()) return;
        Refused("--out: the folder /proc/self may not be written; change its permissions or name another place.", "train --shapes 40 --out /proc/self/run");
        Refused("--out: the folder /proc/self may not be written", "detect proposals --data d --out /proc/self/x.csv");
    }

    [Fact]
    public void The_folder_and_the_file_of_a_detector_name_the_command_for_detectors()
    {
        Directory.CreateDirectory(_folder["found"]);
        using (Backend backend = Device.Open("cpu"))
        {
            Model model = Zoo.Create("spp-small", new ModelOptions { Classes = 3, Pyramid = [1] }, backend, seed: 1);
            model.Description = model.Description with { Facts = model.Description.Facts.Add("detector.options", "{}") };
            using var made = new TrainedModel(model, new InputPreparation { MinSide = 56, CropSize = 48 }, 48);
            made.Save(_folder["found/detector.safetensors"]);
        }
        Directory.CreateDirectory(_folder["open"]);
        _folder.Write("open/proposals.json", "{}"u8.ToArray());
        Refused("found: is the run folder of a detector, which knows windows of images, not whole ones; use 'ilgpuspp detect run'.", "predict . --model found");
        Refused("found: is the run folder of a detector, which knows windows of images, not whole ones; use 'ilgpuspp detect test'.", "eval --model found");
        Refused($"{Path.Combine("found", "detector.safetensors")}: holds a detector".Replace('\\', '/'), "eval --model found/detector.safetensors");
        foreach (string line in (string[])["features . --layer x --out f.csv --model", "transfer --data d --model", "models export --out x.onnx --model", "models compress --out x.st --ranks a=1 --model", "train --out new --from", "detect train --data d --from"])
        {
            Refused($"found: is the run folder of a detector; name the file in it, {Path.Combine("found", "detector.safetensors")}, or use 'ilgpuspp detect run'.", $"{line} found");
            Refused("open: is the run folder of a detector that is not finished", $"{line} open");
        }
    }

    [Fact]
    public void Names_of_networks_point_to_the_trained_weights()
    {
        const string Pull = "'ilgpuspp models pull' lists the networks with trained weights.";
        Refused($"there is no model file or network 'resnet19'; did you mean resnet18-imagenet? {Pull}", "train --from resnet19 --shapes 40 --out new");
        Refused($"there is no model file or network 'resnet50-imagenet'; did you mean resnet18-imagenet? {Pull}", "features . --layer x --out f.csv --model resnet50-imagenet");
        Refused($"there is no model file or network 'vgg'. {Pull}", "predict . --model vgg");
        Refused("there is no network 'resnet19'; did you mean resnet18? 'ilgpuspp models' lists all, 'ilgpuspp models pull' those with trained weights, for --from.", "train --model resnet19 --shapes 40 --out new");
        Refused("there are no weights 'resnet19'; did you mean resnet18-imagenet? There are resnet18-imagenet", "models pull resnet19");
    }

    [Fact]
    public void A_run_goes_on_where_its_held_out_images_have_been_moved()
    {
        Done("data", "shapes", "shapes", "--train", "20", "--val", "20");
        Done("train", "--data", "shapes/train", "--val", "shapes/val", "--epochs", "1", "--sizes", "48", "--threads", "1", "--quiet", "--out", "run");
        Directory.Move(_folder["shapes"], _folder["moved"]);
        Done("train", "--resume", "run", "--data", "moved/train", "--val", "moved/val", "--extend", "1", "--threads", "1", "--quiet");
        Assert.Equal(3, File.ReadAllLines(_folder["run/metrics.csv"]).Length);

        // One image fewer is another set.
        File.Delete(Directory.GetFiles(_folder["moved/val"], "*", SearchOption.AllDirectories)[0]);
        ProgramRun other = Run("train", "--resume", "run", "--data", "moved/train", "--val", "moved/val", "--extend", "1", "--threads", "1", "--quiet");
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("is not the data of the run", other.Error, StringComparison.Ordinal);
    }
}
