using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Processes;

namespace IlgpuSpp.Fuzz;

/// <summary>Files that say what images show: VOC's XML and lists, COCO's JSON, tables of boxes and of classes, YOLO's, CVAT's and LabelMe's files, archives. Two images lie beside them.</summary>
internal sealed class AnnotationKind : FuzzKind
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _path;
    private readonly Action<string> _open;

    private AnnotationKind(string name, string path, string[] openers, Action<string> open, params string[] seeds)
        : this(name, path, openers, open, [.. seeds.Select(Encoding.UTF8.GetBytes)])
    {
    }

    private AnnotationKind(string name, string path, string[] openers, Action<string> open, params byte[][] seeds)
    {
        (Name, _path, Openers, _open) = (name, path, openers, open);
        Seeds = seeds;
        byte[] image = ImageWriter.Png(new RgbImage(6, 5));
        foreach (string file in (string[])["a.png", "b.png", "JPEGImages/a.png", "JPEGImages/b.png", "labelme/a.png"]) _folder.Write(file, image);
        foreach (string file in (string[])["Annotations/a.xml", "Annotations/b.xml"]) _folder.Write(file, "<annotation/>"u8.ToArray());
        foreach (string file in (string[])["a.txt", "JPEGImages/a.txt"]) _folder.Write(file, []);
    }

    public static IReadOnlyList<string> Names { get; } = ["voc", "coco", "boxes", "manifest", "set", "yolo", "labels", "cvat", "labelme", "zip", "tar"];

    public static AnnotationKind Create(string name) => name switch
    {
        "voc" => new(name, "Annotations/a.xml", ["<a>", "<object>", "<part><bndbox>", "<!--"], path => DetectionData.OpenAll(Folder(path)),
            """<?xml version="1.0" encoding="utf-8"?><annotation><filename>a.png</filename><size><width>6</width><height>5</height></size><object><name>dog</name><difficult>0</difficult><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object></annotation>""",
            """
            <!DOCTYPE annotation SYSTEM "voc.dtd">
            <annotation>
              <filename>a.png</filename>
              <object><name>big &amp; cat</name><truncated>Unspecified</truncated><difficult>1</difficult><bndbox><xmin>1.5</xmin><ymin>2</ymin><xmax>5</xmax><ymax>4</ymax></bndbox><part><name>head</name><bndbox><xmin>1</xmin></bndbox></part></object>
              <object><name>dog</name><polygon><x1>1</x1></polygon></object>
            </annotation>
            """),
        "coco" => new(name, "data.json", ["[", "{\"a\":", "{\"images\":[", "[[1,"], path => DetectionData.OpenAll(path),
            """{"images":[{"id":1,"file_name":"a.png","width":6,"height":5},{"id":2,"file_name":"b.png"}],"annotations":[{"id":1,"image_id":1,"category_id":3,"bbox":[1,1,4,3],"iscrowd":0,"segmentation":[[1,2]]}],"categories":[{"id":3,"name":"dog"}]}""",
            """{"info":{"year":2017},"images":[{"id":"x","file_name":"a.png","width":null,"height":5.0}],"annotations":[{"image_id":"x","category_id":3,"bbox":[0.5,0,4,3.25],"iscrowd":true,"area":13,"segmentation":{"counts":[1,2],"size":[5,6]}}],"categories":[{"id":3,"name":"dog","supercategory":"animal"},{"id":4,"name":"dog"}]}"""),
        "boxes" => new(name, "data.csv", ["\"", "\"\"", ",", "\n"], path => DetectionData.OpenAll(path),
            "file,class,x1,y1,x2,y2,difficult\na.png,dog,1,1,5,5,0\nb.png,,,,,,\n\"a.png\",\"big, cat\",2.5,3,9,9,1\n"),
        "manifest" => new(name, "manifest.csv", ["\"", "\"\"", ",", "\n"], path => CsvManifest.Open(path),
            "file,class,split\na.png,dog,train\nb.png,cat,\nJPEGImages/a.png,cat,val\n", "class,file\r\n\"dog \"\"1\"\"\",a.png\r\ncat,JPEGImages/b.png\r\n"),
        "set" => new(name, "ImageSets/Main/train.txt", [" ", "a ", "-1 ", "\n"], path => DetectionData.OpenAll(Folder(Path.GetDirectoryName(path)!), new AnnotationOptions { Set = "train" }),
            "a\nb 1\n", "a.png -1\r\n  b  0\r\n"),
        "yolo" => new(name, "data.yaml", ["[", "{a: ", "- ", "\"", "? ", "&a "], path => DetectionData.OpenAll(path),
            "train: .\nval: [JPEGImages, a.png]\nnc: 2\nnames: [dog, 'big cat']\n", "# made\npath: ../x\ntrain: ../JPEGImages\ntest:\nnames:\n  0: dog\n  1: \"c\\u0061t\"\nroboflow:\n  version: 1\n"),
        "labels" => new(name, "a.txt", [" ", "1 ", "\n", "0.5 "], path => DetectionData.OpenAll(Beside(path, "data.yaml", "train: a.png\nnames: [dog, cat]\n")),
            "0 0.5 0.5 0.25 0.5\n1 0.1 0.2 0.1 0.1\n", "1 0.1 0.1 0.9 0.1 0.5 0.8\r\n\r\n0 5e-1 .5 1 1\r\n"),
        "cvat" => new(name, "cvat.xml", ["<a>", "<image>", "<box>", "<!--"], path => DetectionData.OpenAll(path),
            """<annotations><meta><task><labels><label><name>dog</name></label></labels></task></meta><image id="0" name="a.png" width="6" height="5"><box label="dog" xtl="1" ytl="1" xbr="4" ybr="4.5" rotation="10.0"><attribute name="difficult">true</attribute></box><polygon label="cat" points="1,1;2,1;2,4"/><ellipse label="cat" cx="2" cy="2" rx="1" ry="1"/><mask label="dog" rle="3, 1" left="1" top="1" width="2" height="2"/><points label="dog" points="1,1"/></image></annotations>"""),
        "labelme" => new(name, "labelme/a.json", ["[", "{\"a\":", "{\"shapes\":[", "[[1,"], path => DetectionData.OpenAll(Path.GetDirectoryName(path)!),
            """{"version":"5.4.1","flags":{},"shapes":[{"label":"dog","points":[[1,1],[4,4]],"group_id":null,"shape_type":"rectangle","flags":{"difficult":true}},{"label":"cat","points":[[1,1],[2,1],[1,3]],"shape_type":"polygon","flags":{}},{"label":"cat","points":[[2,2],[3,2]],"shape_type":"circle"}],"imagePath":"C:\\x\\a.png","imageData":null,"imageHeight":5,"imageWidth":6}"""),
        "zip" or "tar" => new(name, "data." + name, [], path => ReadAll(ImageDataset.Open(path)), Packed(name)),
        _ => throw new ArgumentException($"There is no kind '{name}'.", nameof(name)),
    };

    public override string Name { get; }

    public override string Extension => Path.GetExtension(_path);

    public override IReadOnlyList<byte[]> Seeds { get; }

    protected override IReadOnlyList<string> Openers { get; }

    public override bool Documents(Exception error) => error is DatasetException;

    public override void Read(byte[] file) => _open(_folder.Write(_path, file));

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    private static string Beside(string path, string name, string content)
    {
        string file = Path.Combine(Path.GetDirectoryName(path)!, name);
        File.WriteAllText(file, content);
        return file;
    }

    private static void ReadAll(ImageDataset data)
    {
        for (int i = 0; i < data.Count; i++)
        {
            try
            {
                data.Load(i);
            }
            catch (DataFormatException)
            {
                // The damage is in the image.
            }
        }
    }

    private static byte[] Packed(string kind)
    {
        byte[] image = ImageWriter.Png(new RgbImage(6, 5));
        using var bytes = new MemoryStream();
        string[] names = ["set/cat/a.png", "set/cat/b.png", "set/dog/a.png"];
        if (kind == "tar")
        {
            using var archive = new TarWriter(bytes, leaveOpen: true);
            foreach (string name in names) archive.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(image), ModificationTime = DateTimeOffset.UnixEpoch });
        }
        else
        {
            using var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true);
            foreach (string name in names)
            {
                ZipArchiveEntry entry = archive.CreateEntry(name);
                entry.LastWriteTime = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using Stream content = entry.Open();
                content.Write(image);
            }
        }
        return bytes.ToArray();
    }

    private static string Folder(string path) => Path.GetDirectoryName(Path.GetDirectoryName(path))!;
}
