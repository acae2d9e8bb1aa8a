Console.WriteLine("fedvalue");
