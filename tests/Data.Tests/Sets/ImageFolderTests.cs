using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests;

public sealed class ImageFolderTests : FolderTest
{
    [Fact]
    public void Classes_and_samples_come_in_ordinal_order_with_nested_and_unnamed_images()
    {
        _folder.Image("b/2.png");
        _folder.Image("b/10.png");
        _folder.Image("B/x.png");
        _folder.Image("a/deep/er/z.png");
        _folder.Image("a/no-extension");
        _folder.Image("a/.hidden.png");
        _folder.Image(".cache/c.png");
        _folder.Text("a/notes.txt", "not an image");
        _folder.Text("a/labels.csv", "file,class");

        ImageDataset set = ImageFolder.Open(_folder.Root);

        Assert.Equal(["B", "a", "b"], set.ClassNames);
        Assert.Equal(["B/x.png", "a/deep/er/z.png", "a/no-extension", "b/10.png", "b/2.png"], set.Samples.Select(s => s.Name));
        Assert.Equal([0, 1, 1, 2, 2], set.Samples.Select(s => s.Label));
        Assert.False(set.HasExplicitParts);
        Assert.Equal((6, 5), (set.Load(2).Width, set.Load(2).Height));
    }

    [Fact]
    public void A_text_file_named_jpg_counts_and_fails_only_when_loaded()
    {
        _folder.Image("a/1.png");
        _folder.Text("b/1.jpg", "<html>not found</html>");
        ImageDataset set = ImageFolder.Open(_folder.Root);
        Assert.Equal(2, set.Count);
        Assert.Throws<DataFormatException>(() => set.Load(1));
    }

    [Fact]
    public void Train_and_val_folders_become_parts()
    {
        foreach (string part in (string[])["train", "val", "test"])
        {
            _folder.Image($"{part}/cat/{part}-1.png");
            _folder.Image($"{part}/dog/{part}-2.png");
        }
        _folder.Image("train/dog/train-3.png");

        DatasetSplit split = ImageFolder.Open(_folder.Root).Split(0.5, seed: 1);

        Assert.Equal(["train/cat/train-1.png", "train/dog/train-2.png", "train/dog/train-3.png"], split.Train.Samples.Select(s => s.Name));
        Assert.Equal(["val/cat/val-1.png", "val/dog/val-2.png"], split.Validation.Samples.Select(s => s.Name));
        Assert.Equal([0, 1], split.Test!.Samples.Select(s => s.Label));
        Assert.Equal(["cat", "dog"], split.Test.ClassNames);
    }

    [Fact]
    public void Train_and_test_alone_split_the_training_part_by_seed()
    {
        for (int i = 0; i < 10; i++)
        {
            _folder.Image($"train/cat/{i}.png");
            _folder.Image($"train/dog/{i}.png");
        }
        _folder.Image("test/cat/t.png");
        DatasetSplit split = ImageFolder.Open(_folder.Root).Split(0.7, seed: 1);
        Assert.Equal((14, 6, 1), (split.Train.Count, split.Validation.Count, split.Test!.Count));
    }

    [Fact]
    public void A_class_only_held_out_is_refused()
    {
        _folder.Image("train/cat/1.png");
        _folder.Image("train/dog/1.png");
        _folder.Image("val/dogs/1.png");
        var error = Assert.Throws<DatasetException>(() => ImageFolder.Open(_folder.Root));
        Assert.Contains("'dogs'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_separate_validation_folder_is_numbered_like_the_training_set()
    {
        _folder.Image("t/ant/1.png");
        _folder.Image("t/bee/1.png");
        _folder.Image("t/cow/1.png");
        _folder.Image("v/cow/1.png");
        _folder.Image("w/cows/1.png");
        DatasetSplit split = DatasetSplit.Open(_folder["t"], _folder["v"], 0.5, 1);
        Assert.Equal((3, 1, 2), (split.Train.Count, split.Validation.Count, split.Validation.Samples[0].Label));
        var error = Assert.Throws<DatasetException>(() => DatasetSplit.Open(_folder["t"], _folder["w"], 0.5, 1));
        Assert.Contains("'cows'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unusable_folders_are_refused_in_one_line_that_says_what_to_do()
    {
        Refused("missing", "no such folder");

        _folder.Folder("empty");
        Refused("empty", "is empty");

        _folder.Image("loose/1.png");
        _folder.Image("loose/2.png");
        Refused("loose", "2 images but no class folders");

        _folder.Image("single/cat/1.png");
        Refused("single", "a single class, 'cat'");

        _folder.Image("hollow/cat/1.png");
        _folder.Text("hollow/dog/readme.txt", "none yet");
        Refused("hollow", "the class has no images");

        _folder.Image("file.png");
        Refused("file.png", "is a file");

        void Refused(string name, string reason)
        {
            var error = Assert.Throws<DatasetException>(() => ImageFolder.Open(_folder[name]));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
            Assert.StartsWith(_folder[name], error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }
    }
}
