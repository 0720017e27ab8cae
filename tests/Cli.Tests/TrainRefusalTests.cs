namespace IlgpuSpp.Cli.Tests;

/// <summary>Values that cannot work are refused before anything is said or made; runs that go on, and what of them may change.</summary>
public sealed class TrainRefusalTests : CommandTest
{
    private void Refused(string reason, string line)
    {
        ProgramRun run = Run(line.Split(' '));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    private void Succeeds(string line)
    {
        ProgramRun run = Run(line.Split(' '));
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
    }

    [Fact]
    public void Wrong_values_are_found_before_the_headline()
    {
        Refused("--batch must be at least 1, but is 0.", "train --shapes 40 --batch 0 --out new");
        Refused("--sizes: 4 is too small for zf5; the smallest that works is 23.", "train --shapes 40 --model zf5 --sizes 4 --out new");
        Refused("--sizes: zf5 without a pyramid takes 224 only, not 64.", "train --shapes 40 --model zf5 --levels none --sizes 64 --out new");
        Refused("--sizes must name a smallest and a largest size", "train --shapes 40 --random-size --sizes 64 --out new");
        Refused("--freeze names 'conv9', which is no layer with parameters; there are conv1, bn_conv1", "train --shapes 40 --freeze conv9 --out new");
        Refused("--sizes: spp-small without a pyramid takes 96 only, not 64.", "train --shapes 40 --levels none --random-size --sizes 64,48 --out new");
        Refused("there is no network 'spp-smal'; did you mean spp-small?", "train --shapes 40 --model spp-smal --out new");
        Refused("--quiet and --json exclude each other", "train --quiet --json --out new");
        Refused("--dropout must be at least 0 and below 1, not 2.", "train --shapes 40 --dropout 2 --out new");
        Refused("--width must be above 0 and at most 4, not 0.", "train --shapes 40 --width 0 --out new");
        Refused("--scales takes numbers of pixels such as 224,180, from 1 to 16384, not '0'.", "detect train --scales 0 --out new");
        Refused("bench knows forward, ", "bench gem");
        Refused("; did you mean gemm?", "bench gem");
        Refused("--spreadsheet-safe is for detections.csv; add --out.", "detect run x.jpg --spreadsheet-safe");
        Refused("--classes must be at least 2, not 0.", "models zf5 --classes 0");
        Refused("there is no model file or network 'resnet18-imagnet'; did you mean resnet18-imagenet?", "train --shapes 40 --from resnet18-imagnet --out new");
        Refused("resnet18-imagenet names trained weights to start from, and here the file of a model is due; train on images with", "predict x.jpg --model resnet18-imagenet");
        Refused("--ranks takes layers with their ranks, from 1 on, such as fc6=1024,fc7=256, not 'fc5=0'.", "models compress --model m.st --out n.st --ranks fc5=0");
        Refused("--int8 takes at least one layer, such as fc6,fc7.", "models compress --model m.st --out n.st --int8 ,");
        Refused("--ranks or --int8 must name a fully connected layer", "models compress --model m.st --out n.st");
        Refused("--images chooses the factors of --ranks, which is not given.", "models compress --model m.st --out n.st --int8 fc5 --images a.png");
        Refused("--cost must be above 0, not -1.", "transfer --model none --data none --cost -1");
        Assert.False(Directory.Exists(_folder["new"]));
    }

    [Fact]
    public void A_manifest_outside_the_folder_of_its_images_is_read_on_request_and_again_on_resuming()
    {
        Succeeds("data shapes shapes --train 20 --val 10 --seed 1");
        string[] images = [.. Directory.GetFiles(_folder["shapes/train"], "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder.Root, file))];
        _folder.Write("lists/a.csv", System.Text.Encoding.UTF8.GetBytes("file,class\n" + string.Concat(images.Select(file => $"../{file},{Path.GetFileName(Path.GetDirectoryName(file))}\n"))));
        const string Short = "train --data lists/a.csv --epochs 1 --sizes 48 --threads 1 --quiet --out run";
        ProgramRun refused = ProgramRun.Of("ilgpuspp.dll", _folder.Root, Short.Split(' '));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("which lies outside the data folder; move the image there, or allow paths to leave it (--allow-outside).", refused.Error, StringComparison.Ordinal);
        Succeeds($"{Short} --allow-outside");
        Succeeds("train --resume run --extend 1 --threads 1 --quiet");
        Succeeds("eval --model run/best.safetensors --data lists/a.csv --allow-outside --threads 1");
        Succeeds("transfer --model run/best.safetensors --data lists/a.csv --allow-outside --splits 1 --views warp --layers pyramid --threads 1");
    }

    [Fact]
    public void A_resumed_run_changes_only_what_it_may_and_a_cosine_is_extended()
    {
        const string Short = "train --shapes 40 --batch 20 --sizes 48 --threads 1 --quiet";
        Succeeds($"{Short} --epochs 1 --out run");
        Refused("--lr cannot change in a run that is resumed; leave it out, or start a new run from this one's weights with --from run", "train --resume run --lr 0.1");
        Refused("--epochs cannot change in a run with the cosine schedule, which was drawn over 1 epoch; --extend N adds", "train --resume run --epochs 2");
        Refused("--extend lengthens a run; it needs --resume", "train --extend 2 --out run");
        Refused("--extend must be at least 1", "train --resume run --extend 0");
        Succeeds("train --resume run --extend 2 --threads 1 --quiet");
        Assert.Equal(4, File.ReadAllLines(_folder["run/metrics.csv"]).Length);

        Succeeds($"{Short} --epochs 1 --schedule constant --out plain");
        Succeeds("train --resume plain --epochs 2 --threads 1 --quiet");
        Succeeds("train --resume plain --extend 1 --patience 5 --threads 1 --quiet");
        Assert.Equal(4, File.ReadAllLines(_folder["plain/metrics.csv"]).Length);
    }

    [Fact]
    public void Eval_looks_as_train_did_and_asks_for_data_where_the_classes_are_others()
    {
        using var workspace = new DetectionWorkspace();
        foreach (string name in (string[])["cat", "dog"]) workspace.Folder.Write($"pets/{name}/1.png", Data.Imaging.ImageWriter.Png(new Data.Imaging.RgbImage(60, 50)));
        foreach (string name in (string[])["cat", "dog"]) workspace.Folder.Write($"pets/{name}/2.png", Data.Imaging.ImageWriter.Png(new Data.Imaging.RgbImage(60, 50)));
        workspace.Succeeds("train", "--data", "pets", "--split", "0.5", "--epochs", "1", "--sizes", "48", "--threads", "1", "--out", "run", "--quiet");
        string row = workspace.Succeeds("eval", "--model", "run/best.safetensors", "--data", "pets", "--json");
        Assert.Contains("\"view\":\"full\"", row, StringComparison.Ordinal);
        ProgramRun refused = workspace.Run("eval", "--model", "run/best.safetensors");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("the model's classes are cat, dog; name images of them with --data (without it eval draws shapes)", refused.Error, StringComparison.Ordinal);
    }
}
