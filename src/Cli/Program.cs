Console.WriteLine("ilgpuspp");
